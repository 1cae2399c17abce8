package io.seagrpc.example;

import io.seagrpc.client.Prompts;
import io.seagrpc.client.SeaClient;
import io.seagrpc.client.SeaGrpcException;
import io.seagrpc.v1.AlignmentSpec;
import io.seagrpc.v1.SeaParameters;
import java.io.FileInputStream;
import java.io.IOException;
import java.time.Duration;

/** Calls a server over TLS: Tls ADDRESS ROOTS.pem [CERTIFICATE.pem KEY.pem]. */
public final class Tls {
  private Tls() {}

  public static void main(String[] args) throws IOException {
    AlignmentSpec spec =
        AlignmentSpec.newBuilder()
            .setPrompt(Prompts.chat("My kettle is leaking, what can you do?"))
            .setSea(SeaParameters.getDefaultInstance())
            .setSeed(1)
            .build();
    try (SeaClient client = open(args)) {
      var answer = client.align(spec, Duration.ofMinutes(1)).getFinal().getResponse();
      System.out.printf("answer %.2f  %s%n", answer.getReward(), answer.getText());
    } catch (SeaGrpcException failure) {
      System.err.println(failure.code() + " " + failure.reason() + ": " + failure.getMessage());
      System.exit(1);
    }
  }

  private static SeaClient open(String[] args) throws IOException {
    SeaClient.Builder builder = SeaClient.builder(args[0]).token(System.getenv("SEAGRPC_TOKEN"));
    // Without rootCertificates, those of the system.
    try (FileInputStream roots = new FileInputStream(args[1])) {
      builder.rootCertificates(roots);
      if (args.length <= 2) {
        return builder.build();
      }
      try (FileInputStream certificate = new FileInputStream(args[2]);
          FileInputStream key = new FileInputStream(args[3])) {
        return builder.clientCertificate(certificate, key).build();
      }
    }
  }
}
