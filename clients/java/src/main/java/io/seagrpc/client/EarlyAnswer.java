package io.seagrpc.client;

import io.seagrpc.v1.AlignmentFinal;
import io.seagrpc.v1.ScoredResponse;
import io.seagrpc.v1.StreamAlignResponse;
import java.util.Locale;

/** What an alignment that may stop early has come to. */
public final class EarlyAnswer {
  private volatile ScoredResponse response;
  private ScoredResponse draft;
  private int iteration;
  private AlignmentFinal end;

  EarlyAnswer() {}

  /** The best answer so far, or the final one. */
  public ScoredResponse response() {
    return response;
  }

  /** The draft that it is compared with. */
  public ScoredResponse draft() {
    return draft;
  }

  /** The last iteration that was heard of; 0 is the draft. */
  public int iteration() {
    return iteration;
  }

  /** How the run ended by itself; null where it was stopped. */
  public AlignmentFinal end() {
    return end;
  }

  /** The best answer in one line: its iteration, reward and text. */
  @Override
  public String toString() {
    return response == null
        ? "no answer"
        : String.format(Locale.ROOT, "iteration %d, reward %.2f: %s", iteration, response.getReward(), response.getText());
  }

  void take(StreamAlignResponse event) {
    switch (event.getEventCase()) {
      case DRAFT -> {
        draft = event.getDraft().getBest();
        response = draft;
      }
      case ITERATION -> {
        iteration = event.getIteration().getIndex();
        response = event.getIteration().getBest();
      }
      case FINAL -> {
        end = event.getFinal();
        draft = end.getDraft();
        response = end.getResponse();
      }
      default -> {
        // It waits, it starts, or a newer server says what this contract does not know.
      }
    }
  }
}
