package sluice.proxy;

import io.netty.buffer.Unpooled;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sluice.proxy.config.ConfigException;
import sluice.proxy.config.ConfigFile;
import sluice.proxy.config.ProxyConfig;
import sluice.proxy.config.ProxyConfig.Preset;
import sluice.proxy.http.RequestHead;
import sluice.proxy.listen.PemCheck;
import sluice.proxy.route.Classifier;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Route;
import sluice.proxy.upstream.BadMessage;

/** {@code sluice-proxy classify}: a request through the real parser and the real rules, and what that means, in words. */
@Command(
        name = "classify",
        description = "Says how a request would be treated, and by which rule. Sends nothing.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "For example:",
            "  sluice-proxy classify POST /users/alice/inbox",
            "  sluice-proxy classify --config proxy.toml GET '/api/v2/search?q=x&resolve=true' 'Accept: text/html'"
        })
final class ClassifyCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @ArgGroup
    private @Nullable Source source;

    @Parameters(index = "0", paramLabel = "METHOD", description = "Such as POST; case matters.")
    private @Nullable String method;

    @Parameters(index = "1", paramLabel = "PATH", description = "With the query, such as '/search?q=x'.")
    private @Nullable String path;

    @Parameters(index = "2..*", paramLabel = "HEADER", description = "Such as 'Accept: text/html'.")
    private List<String> headers = List.of();

    /** Where the rules come from. */
    static final class Source {
        @Option(names = "--config", paramLabel = "FILE", description = "The rules and waits of this proxy.toml.")
        private @Nullable Path file;

        @Option(
                names = "--preset",
                paramLabel = "PRESET",
                description = "The rules of a preset, mastodon or plain, and the usual waits (default: mastodon).")
        private @Nullable String preset;
    }

    @Override
    public Integer call() {
        if (spec == null || method == null || path == null) {
            throw new IllegalStateException("picocli sets them before it calls");
        }
        Classifier classifier;
        ProxyConfig.Waits waits;
        int limit;
        try {
            Path file = source == null ? null : source.file;
            if (file == null) {
                classifier = new Classifier(preset());
                waits = ProxyConfig.Waits.DEFAULT;
                limit = ProxyConfig.Limits.DEFAULT.headBytes();
            } else {
                ProxyConfig config = ConfigFile.read(file, new PemCheck());
                classifier = new Classifier(config.rules(), config.preset());
                waits = config.gate().waits();
                limit = config.limits().headBytes();
            }
        } catch (ConfigException e) {
            PrintWriter err = spec.commandLine().getErr();
            e.problems().forEach(err::println);
            err.flush();
            return Main.CONFIGURATION;
        }
        RequestHead head = head(limit);
        Route route = classifier.classify(
                head.bytes(),
                head.methodStart(),
                head.methodEnd(),
                head.pathStart(),
                head.pathEnd(),
                head.targetEnd(),
                head);
        print(head, route, waits);
        return 0;
    }

    private Preset preset() {
        String name = source == null || source.preset == null ? "mastodon" : source.preset;
        return switch (name) {
            case "mastodon" -> Preset.MASTODON;
            case "plain" -> Preset.PLAIN;
            default -> throw usage("There is no preset \"" + name + "\": it is mastodon or plain.");
        };
    }

    /** The head that a client would send; a Host is added where there is none. */
    private RequestHead head(int limit) {
        StringBuilder text = new StringBuilder(method).append(' ').append(path).append(" HTTP/1.1\r\n");
        if (headers.stream().noneMatch(line -> line.toLowerCase(Locale.ROOT).startsWith("host:"))) {
            text.append("Host: localhost\r\n");
        }
        headers.forEach(line -> text.append(line).append("\r\n"));
        byte[] bytes = text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
        RequestHead head = new RequestHead(limit);
        try {
            if (!head.feed(Unpooled.wrappedBuffer(bytes))) {
                throw usage("That is no request: its head does not end.");
            }
        } catch (BadMessage e) {
            throw usage("The proxy would refuse that request: " + e.getMessage() + ".");
        }
        if (head.length() < bytes.length) {
            throw usage("That is more than one request: there is a blank line in it.");
        }
        return head;
    }

    private ParameterException usage(String what) {
        if (spec == null) {
            throw new IllegalStateException("picocli sets it before it calls");
        }
        return new ParameterException(spec.commandLine(), what);
    }

    private void print(RequestHead head, Route route, ProxyConfig.Waits waits) {
        if (spec == null) {
            throw new IllegalStateException("picocli sets it before it calls");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("class:    " + route.requestClass().label());
        out.println("service:  " + route.service().label());
        out.println("rule:     " + route.rule());
        out.println("hold:     " + duringHold(route.requestClass(), waits));
        out.println("failure:  " + whenItFails(head, route.requestClass()));
        out.flush();
    }

    private static String duringHold(RequestClass requestClass, ProxyConfig.Waits waits) {
        Duration wait = requestClass.wait(waits);
        String upTo = "waits for up to " + seconds(wait) + ", then 503 with Retry-After";
        return switch (requestClass) {
            case INBOX, MEDIA, WRITE -> upTo;
            case READ -> "passes; in a hold of everything (scope \"all\") it " + upTo;
            case STREAM -> "a new stream " + upTo + "; those that are open go on";
        };
    }

    private static String whenItFails(RequestHead head, RequestClass requestClass) {
        if (requestClass.mayBeSentAgain(head.safeMethod())) {
            return "during a hold, or after a flip to the other side, it waits and is sent again, once; else the client"
                    + " gets the failure";
        }
        return requestClass.isWrite()
                ? "never sent again: the client gets the failure; a break after its first byte makes it unknown, which"
                        + " keeps a hold from being drained"
                : "never sent again, since its method is not safe: the client gets the failure";
    }

    private static String seconds(Duration wait) {
        return wait.toMillis() % 1000 == 0 ? wait.toSeconds() + " s" : wait.toMillis() + " ms";
    }
}
