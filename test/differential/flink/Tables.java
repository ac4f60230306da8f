import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.*;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;

/**
 * Bounded tables of given rows: {"name": …, "columns": [[name, type], …], "watermark": [column, expression]?, "key":
 * [column, …]?, "upsert": true?, "rows": [[deleted, value, …], …]} with values as text or null. Those with "upsert" are
 * read by key, as upsert-kafka reads: a row replaces the one of its key, a deleted one takes it away.
 */
final class Tables {
  private Tables() {}

  static void create(StreamExecutionEnvironment jobs, StreamTableEnvironment environment, JsonNode table) {
    Schema.Builder schema = Schema.newBuilder();
    List<String> names = new ArrayList<>();
    List<String> types = new ArrayList<>();
    for (JsonNode column : table.get("columns")) {
      names.add(column.get(0).asText());
      types.add(column.get(1).asText());
      schema.column(column.get(0).asText(), column.get(1).asText());
    }
    JsonNode watermark = table.path("watermark");
    if (watermark.isArray()) schema.watermark(watermark.get(0).asText(), watermark.get(1).asText());
    List<String> key = new ArrayList<>();
    table.path("key").forEach(column -> key.add(column.asText()));
    if (!key.isEmpty()) schema.primaryKey(key);
    boolean upsert = table.path("upsert").asBoolean();
    List<Row> rows = new ArrayList<>();
    for (JsonNode values : table.get("rows")) rows.add(row(types, values, upsert));
    TypeInformation<Row> information = Types.ROW_NAMED(
        names.toArray(new String[0]), types.stream().map(Tables::information).toArray(TypeInformation[]::new));
    environment.createTemporaryView(
        table.get("name").asText(),
        environment.fromChangelogStream(
            stream(jobs, rows, information),
            schema.build(),
            upsert ? ChangelogMode.upsert() : ChangelogMode.insertOnly()));
  }

  /** A source of no rows at all ends in an error. */
  private static DataStream<Row> stream(
      StreamExecutionEnvironment jobs, List<Row> rows, TypeInformation<Row> information) {
    if (!rows.isEmpty()) return jobs.fromData(rows, information);
    return jobs.fromData(List.of(new Row(information.getArity())), information).filter(row -> false);
  }

  private static Row row(List<String> types, JsonNode values, boolean upsert) {
    RowKind kind = values.get(0).asBoolean() ? RowKind.DELETE : upsert ? RowKind.UPDATE_AFTER : RowKind.INSERT;
    Row row = new Row(kind, types.size());
    for (int i = 0; i < types.size(); i++) {
      JsonNode value = values.get(i + 1);
      row.setField(i, value.isNull() ? null : value(types.get(i), value.asText()));
    }
    return row;
  }

  private static TypeInformation<?> information(String type) {
    switch (type.split("[ (]")[0]) {
      case "INT":
        return Types.INT;
      case "BIGINT":
        return Types.LONG;
      case "DECIMAL":
        return Types.BIG_DEC;
      case "DOUBLE":
        return Types.DOUBLE;
      case "BOOLEAN":
        return Types.BOOLEAN;
      case "DATE":
        return Types.LOCAL_DATE;
      case "TIMESTAMP":
        return Types.LOCAL_DATE_TIME;
      default:
        return Types.STRING;
    }
  }

  private static Object value(String type, String text) {
    switch (type.split("[ (]")[0]) {
      case "INT":
        return Integer.valueOf(text);
      case "BIGINT":
        return Long.valueOf(text);
      case "DECIMAL":
        return new BigDecimal(text);
      case "DOUBLE":
        return Double.valueOf(text);
      case "BOOLEAN":
        return Boolean.valueOf(text);
      case "DATE":
        return LocalDate.parse(text);
      case "TIMESTAMP":
        return LocalDateTime.parse(text.replace(' ', 'T'));
      default:
        return text;
    }
  }
}
