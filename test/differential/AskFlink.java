import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.*;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.*;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.*;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.*;
import org.apache.flink.table.api.*;
import org.apache.flink.table.api.internal.TableResultInternal;
import org.apache.flink.table.data.RowData;

/**
 * Flink as a program that is asked line by line: {"fresh": true} forgets all tables, {"sql": "…"} runs a statement in
 * streaming mode. One line answers each: {"columns": [[name, type], …], "changes": [[kind, value, …], …]} with values as
 * the client prints them, or {"error": message}.
 */
public class AskFlink {
  static final ObjectMapper JSON = new ObjectMapper();
  static final ScheduledExecutorService CLOCK = Executors.newSingleThreadScheduledExecutor();

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    int port = startCluster();
    TableEnvironment tables = connect(port);
    out.println("{\"ready\":true}");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      JsonNode request = JSON.readTree(line);
      if (request.path("fresh").asBoolean()) tables = connect(port);
      out.println(request.has("sql") ? answer(tables, request.get("sql").asText()) : JSON.createObjectNode());
    }
    System.exit(0);
  }

  static int startCluster() throws Exception {
    Configuration settings = new Configuration();
    settings.setString("rest.address", "localhost");
    settings.setString("rest.port", "0");
    settings.setString("rest.bind-port", "0");
    settings.setString("taskmanager.memory.managed.size", "128m");
    settings.setString("taskmanager.memory.network.min", "64m");
    settings.setString("taskmanager.memory.network.max", "64m");
    MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
        .setConfiguration(settings).setNumTaskManagers(1).setNumSlotsPerTaskManager(4)
        .setRpcServiceSharing(RpcServiceSharing.SHARED).build());
    cluster.start();
    return cluster.getRestAddress().get().getPort();
  }

  static TableEnvironment connect(int port) {
    Configuration settings = new Configuration();
    settings.setString("execution.target", "remote");
    settings.setString("execution.runtime-mode", "STREAMING");
    settings.setString("rest.address", "localhost");
    settings.setString("rest.port", "" + port);
    settings.setString("parallelism.default", "1");
    settings.setString("restart-strategy.type", "none");
    settings.setString("table.local-time-zone", "UTC");
    return TableEnvironment.create(EnvironmentSettings.newInstance().withConfiguration(settings).build());
  }

  static ObjectNode answer(TableEnvironment tables, String sql) {
    ObjectNode answer = JSON.createObjectNode();
    try {
      TableResultInternal result = (TableResultInternal) tables.executeSql(sql);
      ScheduledFuture<?> end =
          CLOCK.schedule(() -> result.getJobClient().ifPresent(job -> job.cancel()), 60, TimeUnit.SECONDS);
      ArrayNode columns = answer.putArray("columns");
      result.getResolvedSchema().getColumns().forEach(column ->
          columns.addArray().add(column.getName()).add(column.getDataType().toString()));
      ArrayNode changes = answer.putArray("changes");
      var texts = result.getRowDataToStringConverter();
      try (var rows = result.collectInternal()) {
        while (rows.hasNext()) {
          RowData row = rows.next();
          ArrayNode change = changes.addArray().add(row.getRowKind().shortString());
          String[] values = texts.convert(row);
          for (int i = 0; i < values.length; i++) change.add(row.isNullAt(i) ? null : values[i]);
        }
      }
      end.cancel(false);
      return answer;
    } catch (Throwable error) {
      Throwable root = error;
      while (root.getCause() != null) root = root.getCause();
      return JSON.createObjectNode().put("error", String.valueOf(root.getMessage()));
    }
  }
}
