package io.seagrpc.client;

import io.seagrpc.v1.Chat;
import io.seagrpc.v1.ChatMessage;
import io.seagrpc.v1.Prompt;
import io.seagrpc.v1.Role;

/** Prompts that are often wanted. */
public final class Prompts {
  private Prompts() {}

  /** A conversation of one message, the user's, which each model's own chat template writes out. */
  public static Prompt chat(String message) {
    ChatMessage user = ChatMessage.newBuilder().setRole(Role.ROLE_USER).setContent(message).build();
    return Prompt.newBuilder().setChat(Chat.newBuilder().addMessages(user)).build();
  }
}
