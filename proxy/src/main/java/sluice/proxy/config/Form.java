package sluice.proxy.config;

import com.fasterxml.jackson.databind.JsonNode;

/** The shape that a value must have, and how to read it. */
@FunctionalInterface
interface Form<T> {
    T read(JsonNode value) throws Mistake;
}
