import { create } from "@bufbuild/protobuf";
import { type Prompt, PromptSchema, Role } from "./gen/sea/v1/prompt_pb.js";

/** A conversation of one message, the user's, which each model's own chat template writes out. */
export function chat(message: string): Prompt {
  return create(PromptSchema, { content: { case: "chat", value: { messages: [{ role: Role.USER, content: message }] } } });
}
