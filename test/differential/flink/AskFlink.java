import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.*;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.*;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.*;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.node.*;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.table.api.*;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.types.Row;

/**
 * Flink as a program that is asked line by line: {"tables": […], "questions": [{"views": [sql, …], "sql": …}, …]} as
 * Tables reads them. All questions are one job in streaming mode; where it fails, each half is. A line answers each
 * request: a list with {"columns": [[name, type], …], "changes": [[kind, value, …], …]} for each question, values as the
 * client prints them, or {"error": message}.
 */
public class AskFlink {
  static final ObjectMapper JSON = new ObjectMapper();
  /** Flink's planner takes for ever over a few queries; the first ones load its classes, where it must not be stopped. */
  static final int PLANNING_SECONDS = 8;
  static final int FIRST_PLANNING_SECONDS = 90;
  static final int RUNNING_SECONDS = 120;
  static boolean warm = false;

  public static void main(String[] arguments) throws Exception {
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    MiniCluster cluster = startCluster();
    out.println("{\"ready\":true}");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      JsonNode request = JSON.readTree(line);
      List<JsonNode> questions = new ArrayList<>();
      request.get("questions").forEach(questions::add);
      ObjectNode[] answers = new ObjectNode[questions.size()];
      List<Integer> all = new ArrayList<>();
      for (int i = 0; i < answers.length; i++) all.add(i);
      answer(cluster, request.get("tables"), questions, all, answers);
      warm = true;
      out.println(JSON.createArrayNode().addAll(Arrays.asList(answers)));
    }
    System.exit(0);
  }

  static MiniCluster startCluster() throws Exception {
    Configuration settings = new Configuration();
    settings.setString("rest.address", "localhost");
    settings.setString("rest.port", "0");
    settings.setString("rest.bind-port", "0");
    settings.setString("taskmanager.memory.managed.size", "128m");
    settings.setString("taskmanager.memory.network.min", "256m");
    settings.setString("taskmanager.memory.network.max", "256m");
    settings.setString("jobstore.max-capacity", "2");
    MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
        .setConfiguration(settings).setNumTaskManagers(1).setNumSlotsPerTaskManager(1)
        .setRpcServiceSharing(RpcServiceSharing.SHARED).build());
    cluster.start();
    return cluster;
  }

  static StreamTableEnvironment connect(StreamExecutionEnvironment jobs) {
    Configuration settings = new Configuration();
    settings.setString("table.local-time-zone", "UTC");
    settings.setString("table.exec.sink.rowtime-inserter", "DISABLED");
    // Taking long code apart costs more than it brings here.
    settings.setString("table.generated-code.max-length", "60000");
    return StreamTableEnvironment.create(
        jobs, EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(settings).build());
  }

  /** Answers the questions whose numbers are `asked`. */
  static void answer(
      MiniCluster cluster, JsonNode tables, List<JsonNode> questions, List<Integer> asked, ObjectNode[] answers)
      throws Exception {
    Configuration settings = new Configuration();
    settings.setString("parallelism.default", "1");
    settings.setString("restart-strategy.type", "none");
    StreamExecutionEnvironment jobs = new StreamExecutionEnvironment(settings);
    List<Integer> running = new ArrayList<>();
    List<Integer> left = new ArrayList<>(asked);
    List<Integer> later = List.of();
    SynchronousQueue<Integer> planned = new SynchronousQueue<>();
    // Flink keeps things by thread: whatever belongs to an environment is done in one.
    Thread planning = new Thread(() -> plan(jobs, tables, questions, asked, answers, running, planned));
    planning.start();
    while (!left.isEmpty()) {
      Integer number = planned.poll(warm ? PLANNING_SECONDS : FIRST_PLANNING_SECONDS, TimeUnit.SECONDS);
      if (number == null) {
        planning.stop();
        planning.join(2000);
        answers[left.get(0)] = refusal("the planner did not end within " + PLANNING_SECONDS + " s");
        // What it was stopped in is in no state to go on with: the others are another job.
        later = left.subList(1, left.size());
        break;
      }
      left.remove(0);
    }
    finish(cluster, jobs, tables, questions, running, answers);
    if (!later.isEmpty()) answer(cluster, tables, questions, later, answers);
  }

  /** Runs the job of the questions `running`; where it fails, one for each half. */
  static void finish(
      MiniCluster cluster, StreamExecutionEnvironment jobs, JsonNode tables, List<JsonNode> questions,
      List<Integer> running, ObjectNode[] answers) throws Exception {
    if (running.isEmpty()) return;
    String failure = run(cluster, jobs.getStreamGraph().getJobGraph());
    if (failure == null) {
      for (int number : running) answers[number].set("changes", Changes.take(number));
    } else if (running.size() == 1) {
      answers[running.get(0)] = refusal(failure);
    } else {
      int half = running.size() / 2;
      answer(cluster, tables, questions, running.subList(0, half), answers);
      answer(cluster, tables, questions, running.subList(half, running.size()), answers);
    }
  }

  static ObjectNode refusal(String message) {
    return JSON.createObjectNode().put("error", message);
  }

  /** Adds questions to the job, one after the other, and tells of each that is done. */
  static void plan(
      StreamExecutionEnvironment jobs, JsonNode tables, List<JsonNode> questions, List<Integer> asked,
      ObjectNode[] answers, List<Integer> running, SynchronousQueue<Integer> planned) {
    StreamTableEnvironment environment = connect(jobs);
    for (JsonNode table : tables) Tables.create(jobs, environment, table);
    for (int number : asked) {
      JsonNode question = questions.get(number);
      try {
        answers[number] = translate(environment, question, number);
        running.add(number);
      } catch (ThreadDeath stopped) {
        throw stopped;
      } catch (ExceptionInInitializerError | NoClassDefFoundError broken) {
        broken.printStackTrace();
        System.exit(1);
      } catch (Throwable error) {
        answers[number] = refusal(rootOf(error));
      }
      for (JsonNode view : question.get("views")) {
        environment.executeSql("DROP VIEW IF EXISTS " + view.asText().split(" ")[2]);
      }
      try {
        planned.put(number);
      } catch (InterruptedException never) {
        throw new IllegalStateException(never);
      }
    }
  }

  /** Adds a question to the job; gives its columns. */
  static ObjectNode translate(StreamTableEnvironment environment, JsonNode question, int number) {
    ObjectNode answer = JSON.createObjectNode();
    for (JsonNode view : question.get("views")) environment.executeSql(view.asText());
    Table table = environment.sqlQuery(question.get("sql").asText());
    List<Column> columns = table.getResolvedSchema().getColumns();
    ArrayNode told = answer.putArray("columns");
    columns.forEach(column -> told.addArray().add(column.getName()).add(column.getDataType().toString()));
    environment.toChangelogStream(table).process(new Changes(number, columns)).sinkTo(new DiscardingSink<>());
    return answer;
  }

  /** Runs a job to its end; what went wrong, or null. */
  static String run(MiniCluster cluster, JobGraph job) throws Exception {
    Changes.forget();
    JobID id = cluster.submitJob(job).get().getJobID();
    CompletableFuture<JobResult> result = cluster.requestJobResult(id);
    try {
      return result.get(RUNNING_SECONDS, TimeUnit.SECONDS).getSerializedThrowable()
          .map(error -> rootOf(error.deserializeError(AskFlink.class.getClassLoader()))).orElse(null);
    } catch (TimeoutException late) {
      cluster.cancelJob(id);
      result.get();
      return "the job did not end within " + RUNNING_SECONDS + " s";
    }
  }

  static String rootOf(Throwable error) {
    Throwable root = error;
    while (root.getCause() != null) root = root.getCause();
    return root.getClass().getSimpleName() + ": " + root.getMessage();
  }
}
