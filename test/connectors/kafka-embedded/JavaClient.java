import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Runs one scenario of the Apache Kafka client against a broker and prints what it saw: java JavaClient address scenario. */
public class JavaClient {
  static String address;

  public static void main(String[] args) throws Exception {
    address = args[0];
    switch (args[1]) {
      case "records" -> records();
      case "groups" -> groups();
      case "transactions" -> transactions();
      case "admin" -> admin();
      default -> throw new IllegalArgumentException(args[1]);
    }
  }

  /** Every compression, keys, headers, timestamps; offsets by timestamp. */
  static void records() throws Exception {
    try (Admin admin = Admin.create(base())) {
      admin.createTopics(List.of(new NewTopic("java-records", 2, (short) 1))).all().get();
    }
    for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
      try (KafkaProducer<String, String> producer = producer(Map.of("compression.type", codec))) {
        var record = new ProducerRecord<>("java-records", 1, 1000L + codec.length(), "key", codec + "x".repeat(2000));
        record.headers().add("h", codec.getBytes());
        RecordMetadata sent = producer.send(record).get();
        System.out.println("sent " + sent.topic() + " " + sent.partition() + " " + sent.offset());
      }
    }
    try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
      TopicPartition partition = new TopicPartition("java-records", 1);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      for (ConsumerRecord<String, String> r : read(consumer, 5)) {
        String header = new String(r.headers().lastHeader("h").value());
        System.out.println(r.offset() + " " + r.timestamp() + " " + r.key() + " " + header + " " + r.value().length());
      }
      System.out.println("ends " + consumer.beginningOffsets(List.of(partition)) + consumer.endOffsets(List.of(partition)));
      System.out.println("at 1006 " + consumer.offsetsForTimes(Map.of(partition, 1006L)).get(partition));
      System.out.println("at 2000 " + consumer.offsetsForTimes(Map.of(partition, 2000L)).get(partition));
    }
  }

  /** A second consumer joins and takes half, then leaves and gives it back; positions outlive them. */
  static void groups() throws Exception {
    try (Admin admin = Admin.create(base())) {
      admin.createTopics(List.of(new NewTopic("java-groups", 4, (short) 1))).all().get();
    }
    Map<String, String> group = Map.of("group.id", "java", "auto.offset.reset", "earliest", "heartbeat.interval.ms", "200");
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      for (int i = 0; i < 40; i++) producer.send(new ProducerRecord<>("java-groups", i % 4, null, "v" + i)).get();
    }
    try (KafkaConsumer<String, String> first = consumer(group)) {
      first.subscribe(List.of("java-groups"));
      System.out.println("alone " + read(first, 40).size() + " of " + first.assignment().size());
      first.commitSync();
      try (KafkaConsumer<String, String> second = consumer(group)) {
        second.subscribe(List.of("java-groups"));
        while (first.assignment().size() != 2 || second.assignment().size() != 2) {
          first.poll(Duration.ofMillis(100));
          second.poll(Duration.ofMillis(100));
        }
        System.out.println("shared " + first.assignment().size() + " + " + second.assignment().size());
        try (Admin admin = Admin.create(base())) {
          var described = admin.describeConsumerGroups(List.of("java")).describedGroups().get("java").get();
          System.out.println("group " + described.groupState() + " " + described.members().size());
          System.out.println("listed " + admin.listGroups().all().get().stream().map(g -> g.groupId()).toList());
        }
      }
      while (first.assignment().size() != 4) first.poll(Duration.ofMillis(100));
      System.out.println("alone again " + first.assignment().size());
    }
    try (Admin admin = Admin.create(base())) {
      var offsets = admin.listConsumerGroupOffsets("java").partitionsToOffsetAndMetadata().get();
      var byName = new TreeMap<String, Long>();
      offsets.forEach((partition, offset) -> byName.put(partition.toString(), offset.offset()));
      System.out.println("committed " + byName);
      admin.deleteConsumerGroups(List.of("java")).all().get();
    }
  }

  /** Commit, abort, consume-transform-produce with offsets, and a producer that is fenced by its successor. */
  static void transactions() throws Exception {
    try (Admin admin = Admin.create(base())) {
      admin.createTopics(List.of(new NewTopic("java-in", 1, (short) 1), new NewTopic("java-out", 1, (short) 1))).all().get();
    }
    Map<String, String> transactional = Map.of("transactional.id", "java-tx");
    TopicPartition in = new TopicPartition("java-in", 0);
    try (KafkaProducer<String, String> producer = producer(transactional)) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("java-out", "committed 1"));
      producer.commitTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("java-out", "aborted"));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>("java-out", "committed 2"));
      try (KafkaConsumer<String, String> consumer = consumer(Map.of("group.id", "java-etl"))) {
        producer.sendOffsetsToTransaction(Map.of(in, new OffsetAndMetadata(7, Optional.empty(), "m")), consumer.groupMetadata());
      }
      producer.commitTransaction();
      try (KafkaProducer<String, String> successor = producer(transactional)) {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>("java-out", "left open"));
        producer.flush();
        successor.initTransactions();
        try {
          producer.send(new ProducerRecord<>("java-out", "zombie"));
          producer.commitTransaction();
          System.out.println("not fenced");
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
          System.out.println("fenced");
        }
        successor.beginTransaction();
        successor.send(new ProducerRecord<>("java-out", "committed 3"));
        successor.commitTransaction();
        successor.beginTransaction();
        successor.send(new ProducerRecord<>("java-out", "still open"));
        successor.flush();
        print("committed", Map.of("isolation.level", "read_committed"), 3);
        print("uncommitted", Map.of("isolation.level", "read_uncommitted"), 6);
        successor.abortTransaction();
      }
    }
    try (Admin admin = Admin.create(base())) {
      System.out.println("offset " + admin.listConsumerGroupOffsets("java-etl").partitionsToOffsetAndMetadata().get().get(in).offset());
      var state = admin.describeTransactions(List.of("java-tx")).description("java-tx").get();
      System.out.println("state " + state.state());
    }
  }

  static void print(String what, Map<String, String> config, int count) {
    try (KafkaConsumer<String, String> consumer = consumer(config)) {
      TopicPartition out = new TopicPartition("java-out", 0);
      consumer.assign(List.of(out));
      consumer.seekToBeginning(List.of(out));
      System.out.println(what + " " + read(consumer, count).stream().map(r -> r.value()).toList());
      System.out.println(what + " more " + consumer.poll(Duration.ofMillis(300)).count());
    }
  }

  static void admin() throws Exception {
    try (Admin admin = Admin.create(base())) {
      System.out.println("nodes " + admin.describeCluster().nodes().get().size());
      admin.createTopics(List.of(new NewTopic("java-admin", 1, (short) 1).configs(Map.of("cleanup.policy", "compact")))).all().get();
      System.out.println("again " + failure(() -> admin.createTopics(List.of(new NewTopic("java-admin", 1, (short) 1))).all().get()));
      admin.createPartitions(Map.of("java-admin", NewPartitions.increaseTo(3))).all().get();
      System.out.println("partitions " + admin.describeTopics(List.of("java-admin")).allTopicNames().get().get("java-admin").partitions().size());
      ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, "java-admin");
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      System.out.println("policy " + config.get("cleanup.policy").value() + " " + config.get("cleanup.policy").source());
      admin.incrementalAlterConfigs(Map.of(resource, List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "5"), AlterConfigOp.OpType.SET)))).all().get();
      System.out.println("retention " + admin.describeConfigs(List.of(resource)).all().get().get(resource).get("retention.ms").value());
      TopicPartition partition = new TopicPartition("java-admin", 0);
      try (KafkaProducer<String, String> producer = producer(Map.of())) {
        for (int i = 0; i < 3; i++) producer.send(new ProducerRecord<>("java-admin", 0, 100L + i, "k", "v")).get();
      }
      System.out.println("newest " + admin.listOffsets(Map.of(partition, OffsetSpec.maxTimestamp())).partitionResult(partition).get().offset());
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(2))).all().get();
      System.out.println("earliest " + admin.listOffsets(Map.of(partition, OffsetSpec.earliest())).partitionResult(partition).get().offset());
      admin.deleteTopics(List.of("java-admin")).all().get();
      System.out.println("gone " + failure(() -> admin.describeTopics(List.of("java-admin")).allTopicNames().get()));
    }
  }

  interface Attempt {
    void run() throws Exception;
  }

  static String failure(Attempt attempt) {
    try {
      attempt.run();
      return "no failure";
    } catch (Exception e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      boolean expected = cause instanceof TopicExistsException || cause instanceof UnknownTopicOrPartitionException;
      return expected ? cause.getClass().getSimpleName() : e.toString();
    }
  }

  static List<ConsumerRecord<String, String>> read(KafkaConsumer<String, String> consumer, int count) {
    List<ConsumerRecord<String, String>> records = new ArrayList<>();
    while (records.size() < count) consumer.poll(Duration.ofMillis(200)).forEach(records::add);
    return records;
  }

  static Properties base() {
    Properties config = new Properties();
    config.put("bootstrap.servers", address);
    return config;
  }

  static KafkaProducer<String, String> producer(Map<String, String> more) {
    Properties config = base();
    config.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    config.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
    config.putAll(more);
    return new KafkaProducer<>(config);
  }

  static KafkaConsumer<String, String> consumer(Map<String, String> more) {
    Properties config = base();
    config.put("key.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    config.put("value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer");
    config.put("enable.auto.commit", "false");
    config.putAll(more);
    return new KafkaConsumer<>(config);
  }
}
