import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.concurrent.*;
import java.util.stream.Collectors;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.types.logical.*;
import org.apache.flink.table.types.logical.utils.LogicalTypeChecks;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

/** Keeps every change of the rows of a question, with values as CAST(… AS STRING) gives them. */
public class Changes extends ProcessFunction<Row, Void> {
  static final Map<Integer, List<ArrayNode>> KEPT = new ConcurrentHashMap<>();

  final int number;
  final LogicalType[] types;

  Changes(int number, List<Column> columns) {
    this.number = number;
    types = columns.stream().map(column -> column.getDataType().getLogicalType()).toArray(LogicalType[]::new);
  }

  static void forget() {
    KEPT.clear();
  }

  static ArrayNode take(int number) {
    return AskFlink.JSON.createArrayNode().addAll(KEPT.getOrDefault(number, List.of()));
  }

  @Override
  public void processElement(Row row, Context context, Collector<Void> out) {
    ArrayNode change = AskFlink.JSON.createArrayNode().add(row.getKind().shortString());
    for (int i = 0; i < types.length; i++) {
      Object value = row.getField(i);
      change.add(value == null ? null : textOf(types[i], value));
    }
    KEPT.computeIfAbsent(number, any -> Collections.synchronizedList(new ArrayList<>())).add(change);
  }

  static String textOf(LogicalType type, Object value) {
    if (value == null) return "NULL";
    switch (type.getTypeRoot()) {
      case BOOLEAN:
        return (Boolean) value ? "TRUE" : "FALSE";
      case DECIMAL:
        return ((java.math.BigDecimal) value).toPlainString();
      case TIMESTAMP_WITHOUT_TIME_ZONE:
        return timeText((LocalDateTime) value, type);
      case TIMESTAMP_WITH_LOCAL_TIME_ZONE:
        return timeText(LocalDateTime.ofInstant((Instant) value, ZoneOffset.UTC), type);
      case ARRAY: {
        LogicalType element = ((ArrayType) type).getElementType();
        return Arrays.stream((Object[]) value).map(each -> textOf(element, each)).collect(Collectors.joining(", ", "[", "]"));
      }
      case ROW: {
        List<LogicalType> fields = ((RowType) type).getChildren();
        StringJoiner list = new StringJoiner(", ", "(", ")");
        for (int i = 0; i < fields.size(); i++) list.add(textOf(fields.get(i), ((Row) value).getField(i)));
        return list.toString();
      }
      case CHAR:
      case VARCHAR:
      case DATE:
      case DOUBLE:
      case FLOAT:
      case TINYINT:
      case SMALLINT:
      case INTEGER:
      case BIGINT:
        return value.toString();
      default:
        throw new IllegalArgumentException("no text of a " + type);
    }
  }

  static String timeText(LocalDateTime time, LogicalType type) {
    int precision = LogicalTypeChecks.getPrecision(type);
    String pattern = "uuuu-MM-dd HH:mm:ss" + (precision == 0 ? "" : "." + "S".repeat(precision));
    return time.format(DateTimeFormatter.ofPattern(pattern));
  }
}
