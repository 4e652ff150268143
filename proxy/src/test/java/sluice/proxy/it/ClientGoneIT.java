package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that hang up over TLS while their requests wait. Over TLS there is no half-close. */
@Timeout(120)
class ClientGoneIT {
    @TempDir
    Path folder;

    private enum Way {
        /** close_notify alone: the socket stays open. */
        CLOSE_NOTIFY,
        CLOSE,
        /** The socket ends without close_notify. */
        FIN,
        RESET
    }

    @Test
    void whoGoesIsNoticedHoweverItGoes() throws Exception {
        try (WriteSite site = new WriteSite("old");
                DistProxy proxy = DistProxy.run(Configs.tls(folder, site.uri(), site.uri(), "gate.wait = \"5m\""))) {
            AdminSocket admin = Configs.admin(folder);
            SSLContext context = Client.trusting(Configs.certificate(folder));
            String hold = admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test")
                    .at("/gate/hold/id")
                    .asText();
            for (String body : new String[] {"small", "x".repeat(300_000)}) {
                for (Way way : Way.values()) {
                    int before = admin.state().at("/totals/gone").asInt();
                    try (Line line = Line.tls(context, proxy.port("https")).send(Line.write(body))) {
                        admin.awaitState(s -> s.at("/gate/waiting").asInt() == 1);
                        go(line, way);
                        admin.awaitState(s -> s.at("/gate/waiting").asInt() == 0);
                        assertThat(admin.state().at("/totals/gone").asInt())
                                .as("%s", way)
                                .isEqualTo(before + 1);
                    }
                }
            }
            admin.done("POST", "/v1/release?wait=20s&hold=" + hold);
            assertThat(site.writes()).isEmpty();
            proxy.collectGarbage();
            try (Line line = Line.tls(context, proxy.port("https"))) {
                assertThat(line.send(Line.write("a:1")).answer().body()).isEqualTo("old a:1");
            }
        }
    }

    private static void go(Line line, Way way) throws Exception {
        switch (way) {
            case CLOSE_NOTIFY -> line.closeNotify();
            case CLOSE -> line.close();
            case FIN -> line.underneath().shutdownOutput();
            case RESET -> {
                line.underneath().setSoLinger(true, 0);
                line.underneath().close();
            }
        }
    }
}
