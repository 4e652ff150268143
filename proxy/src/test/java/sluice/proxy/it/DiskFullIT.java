package sluice.proxy.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is really full: a small file system of the proxy's own. Skipped where nobody may mount one. */
@Timeout(120)
class DiskFullIT {
    @TempDir
    Path folder;

    private WriteSite old;
    private WriteSite next;
    private AdminSocket admin;

    @BeforeEach
    void sites() throws Exception {
        assumeTrue(DistProxy.canMount(), "neither user namespaces nor root: no small file system can be mounted");
        old = new WriteSite("old");
        next = new WriteSite("new");
        admin = Configs.admin(folder);
    }

    @AfterEach
    void close() throws IOException {
        if (old != null) {
            old.close();
            next.close();
        }
    }

    private Path config(String top) throws IOException {
        return Configs.plain(folder, old.uri(), next.uri(), top);
    }

    /** Writes until nothing more fits. */
    private static Path fill(Path inFolder) throws IOException {
        Path filler = inFolder.resolve("filler");
        try (OutputStream out = Files.newOutputStream(filler)) {
            byte[] block = new byte[512];
            while (true) {
                out.write(block);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
            assertThat(Files.size(filler)).isPositive();
            return filler;
        }
    }

    @Test
    void everyTransitionGoesThroughOnAFullDisk() throws Exception {
        Path state = Files.createDirectory(folder.resolve("state"));
        try (DistProxy proxy = DistProxy.runWithSmallDisk(config(""), state, "128k")) {
            fill(proxy.seen(state));
            int port = proxy.port("http");

            String hold = admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test")
                    .at("/gate/hold/id")
                    .asText();
            try (Line writer = Line.plain(port).send(Line.write("a:1"))) {
                admin.awaitState(s -> s.at("/gate/waiting").asInt() == 1);
                assertThat(admin.done("PATCH", "/v1/hold/" + hold + "?ttl=300s&expiry=shed")
                                .at("/gate/hold/expiry")
                                .asText())
                        .isEqualTo("shed");
                assertThat(admin.done("POST", "/v1/flip?to=new").at("/active").asText())
                        .isEqualTo("new");
                assertThat(admin.done("POST", "/v1/release?wait=20s&hold=" + hold)
                                .at("/gate/phase")
                                .asText())
                        .isEqualTo("open");
                assertThat(writer.answer().body()).isEqualTo("new a:1");
            }

            admin.done("POST", "/v1/hold?ttl=100ms&expiry=shed&owner=test");
            JsonNode shedding =
                    admin.awaitState(s -> s.at("/gate/arrivals").asText().equals("shed"));
            String second = shedding.at("/gate/hold/id").asText();
            admin.done("POST", "/v1/release?wait=20s&to=old&hold=" + second);

            admin.done("POST", "/v1/hold?ttl=100ms&expiry=open&owner=test");
            JsonNode open = admin.awaitState(s -> s.at("/gate/phase").asText().equals("open"));
            assertThat(open.at("/active").asText()).isEqualTo("old");
            assertThat(proxy.lines()).noneMatch(line -> line.contains("cannot be made durable"));
        }
    }

    @Test
    void aPreviewARehearsalAndAReleaseThatShutsAgainGoThroughOnAFullDisk() throws Exception {
        Path state = Files.createDirectory(folder.resolve("state"));
        try (DistProxy proxy = DistProxy.runWithSmallDisk(config("gate.wait = \"5m\""), state, "128k")) {
            fill(proxy.seen(state));
            int port = proxy.port("http");

            admin.done("PUT", "/v1/preview?upstream=new&header=X-Preview:%20yes");
            String chosen = Line.READ.replace("Host: localhost", "Host: localhost\r\nX-Preview: yes");
            try (Line reader = Line.plain(port)) {
                assertThat(reader.send(chosen).answer().body()).isEqualTo("new");
                admin.done("DELETE", "/v1/preview");
                assertThat(reader.send(chosen).answer().body()).isEqualTo("old");
            }

            JsonNode rehearsed = admin.done("POST", "/v1/rehearse?for=200ms&real=true");
            assertThat(rehearsed.at("/real").asBoolean()).isTrue();
            assertThat(rehearsed.toString()).doesNotContain("did not go through");
            assertThat(admin.state().at("/gate/phase").asText()).isEqualTo("open");

            String hold = admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test")
                    .at("/gate/hold/id")
                    .asText();
            try (Line first = Line.plain(port).send(Line.write("a:1"))) {
                admin.awaitState(s -> s.at("/gate/waiting").asInt() == 1);
                try (Line second = Line.plain(port).send(Line.write("b:1"))) {
                    admin.awaitState(s -> s.at("/gate/waiting").asInt() == 2);
                    next.close();
                    AdminSocket.Answer refused = admin.call("POST", "/v1/release?to=new&wait=20s&hold=" + hold);
                    assertThat(refused.status()).as("%s", refused.body()).isEqualTo(409);
                    assertThat(refused.body().at("/detail").asText()).contains("the gate is shut again");
                    assertThat(first.answer().status()).isEqualTo(502);
                    JsonNode shut =
                            admin.awaitState(s -> s.at("/gate/phase").asText().equals("drained"));
                    assertThat(shut.at("/gate/hold/id").asText()).isEqualTo(hold);
                    assertThat(shut.at("/gate/waiting").asInt()).isEqualTo(1);

                    admin.done("POST", "/v1/release?to=old&wait=20s&hold=" + hold);
                    assertThat(second.answer().body()).isEqualTo("old b:1");
                }
            }
            assertThat(admin.state().has("trouble")).isFalse();
            assertThat(proxy.lines())
                    .noneMatch(line -> line.contains("cannot be made durable") || line.contains("cannot be written"));
        }
    }

    @Test
    void aFullSpoolAsksForARetryAndNothingElseStops() throws Exception {
        Path spool = Files.createDirectories(folder.resolve("state/spool"));
        try (DistProxy proxy = DistProxy.runWithSmallDisk(config("gate.wait = \"5m\""), spool, "1m")) {
            int port = proxy.port("http");
            String hold = admin.done("POST", "/v1/hold?ttl=600s&wait=20s&owner=test")
                    .at("/gate/hold/id")
                    .asText();
            String large = "x".repeat(700_000);
            try (Line first = Line.plain(port).send(Line.write(large));
                    Line second = Line.plain(port);
                    Line third = Line.plain(port)) {
                admin.awaitState(s -> s.at("/gate/waiting").asInt() == 1);

                // Much more than the disk and every buffer in between: it still sends while it is refused.
                second.send(Line.write("y".repeat(8_000_000)));
                refused(second);
                third.send(Line.write(large));
                refused(third);
                try (Line others = Line.plain(port)) {
                    assertThat(others.send(Line.READ).answer().body()).isEqualTo("old");
                    others.send(Line.write("small:1"));
                    admin.awaitState(s -> s.at("/gate/waiting").asInt() == 2);

                    Path filler = fill(proxy.seen(spool));
                    try (Line full = Line.plain(port).send(Line.write("z".repeat(100_000)))) {
                        refused(full);
                    }
                    Files.delete(filler);

                    assertThat(admin.done("POST", "/v1/release?wait=20s&hold=" + hold)
                                    .at("/gate/phase")
                                    .asText())
                            .isEqualTo("open");
                    assertThat(first.answer().status()).isEqualTo(200);
                    assertThat(others.answer().body()).isEqualTo("old small:1");
                }
            }
            try (Line again = Line.plain(port).send(Line.write(large))) {
                assertThat(again.answer().status())
                        .as("the space was given back")
                        .isEqualTo(200);
            }
            assertThat(old.writes()).containsOnlyKeys(large, "small:1");
            JsonNode totals = admin.state().at("/totals");
            assertThat(totals.at("/parked").asInt()).isEqualTo(2);
            assertThat(totals.at("/released").asInt()).isEqualTo(2);
        }
    }

    private static void refused(Line line) throws IOException {
        Line.Answer answer = line.answer();
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.head()).contains("\r\nRetry-After: ").contains("\r\nConnection: close\r\n");
        assertThat(line.ended()).as("an end, not a reset").isTrue();
    }
}
