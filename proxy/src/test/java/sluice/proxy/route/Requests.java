package sluice.proxy.route;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import sluice.proxy.http.RequestHead;
import sluice.proxy.upstream.BadMessage;

/** Requests as the proxy's own parser reads them, classified. */
final class Requests {
    private Requests() {}

    /** @param headers without line ends; a Host is added */
    static Route classify(Classifier classifier, String method, String target, String... headers) {
        return classify(classifier, head(method, target, headers));
    }

    static Route classify(Classifier classifier, RequestHead head) {
        return classifier.classify(
                head.bytes(),
                head.methodStart(),
                head.methodEnd(),
                head.pathStart(),
                head.pathEnd(),
                head.targetEnd(),
                head);
    }

    static RequestHead head(String method, String target, String... headers) {
        StringBuilder text = new StringBuilder(method + " " + target + " HTTP/1.1\r\nHost: a\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        RequestHead head = new RequestHead(16 << 10);
        try {
            boolean complete = head.feed(
                    Unpooled.wrappedBuffer(text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8)));
            if (!complete) {
                throw new AssertionError("not a whole head: " + text);
            }
        } catch (BadMessage e) {
            throw new AssertionError("refused: " + text, e);
        }
        return head;
    }
}
