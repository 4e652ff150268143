package sluice.proxy.route;

/** What the rules may ask about a request besides the bytes of its first line. Asked only when the rest of a rule matches. */
public interface RequestFields {
    /** Whether it asks for another protocol, and that may be passed on. */
    boolean upgrade();

    /** Whether it accepts {@code text/event-stream}. */
    boolean acceptsEventStream();

    /** Whether a body follows the head. */
    boolean hasBody();

    /**
     * The first field of that name, from a field on.
     *
     * @param name in lower case
     * @return its index, or -1
     */
    int find(byte[] name, int from);

    /** Where the field's value starts in the head's bytes. */
    int valueStart(int field);

    /** One past its last byte. */
    int valueEnd(int field);
}
