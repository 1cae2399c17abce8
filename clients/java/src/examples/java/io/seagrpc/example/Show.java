package io.seagrpc.example;

import io.seagrpc.client.Prompts;
import io.seagrpc.v1.AlignmentSpec;
import io.seagrpc.v1.SeaParameters;
import io.seagrpc.v1.StreamAlignResponse;

/** What both examples ask and show. */
final class Show {
  private static final int WIDTH = 30;

  private Show() {}

  static AlignmentSpec spec(String[] args) {
    String question = args.length > 1 ? args[1] : "My kettle is leaking, what can you do?";
    return AlignmentSpec.newBuilder()
        .setPrompt(Prompts.chat(question))
        .setSea(SeaParameters.getDefaultInstance())
        .setSeed(1)
        .build();
  }

  static void event(StreamAlignResponse event) {
    switch (event.getEventCase()) {
      case DRAFT -> System.out.printf("draft  %.2f  %s%n", event.getDraft().getBest().getReward(), event.getDraft().getBest().getText());
      case ITERATION -> {
        int index = event.getIteration().getIndex();
        int total = event.getIteration().getTotal();
        int done = WIDTH * index / total;
        System.err.printf(
            "\r[%s%s] %d/%d reward %.2f", "#".repeat(done), ".".repeat(WIDTH - done), index, total, event.getIteration().getBest().getReward());
      }
      case FINAL -> {
        System.err.println();
        System.out.printf("answer %.2f  %s%n", event.getFinal().getResponse().getReward(), event.getFinal().getResponse().getText());
      }
      default -> {}
    }
  }
}
