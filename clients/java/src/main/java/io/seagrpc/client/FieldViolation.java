package io.seagrpc.client;

/**
 * What is wrong with one field of a request.
 *
 * @param field its path: spec.sea.chains
 * @param description what is wrong, in words
 * @param reason what is wrong, in one word: OUT_OF_RANGE
 */
public record FieldViolation(String field, String description, String reason) {}
