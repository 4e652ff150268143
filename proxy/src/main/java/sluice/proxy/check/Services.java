package sluice.proxy.check;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import sluice.proxy.config.ProxyConfig;

/** Asks every service for its health, as the proxy would ask it: over the same socket, with the same name verified. */
final class Services {
    private static final int MILLIS = 5_000;
    private static final String WEB = "/health";
    private static final String STREAMING = "/api/v1/streaming/health";

    private final ProxyConfig config;
    private final List<Finding> findings = new ArrayList<>();

    Services(ProxyConfig config) {
        this.config = config;
    }

    List<Finding> ask() {
        // Threads of their own: a name that is not found takes its time.
        ExecutorService threads = Executors.newCachedThreadPool(run -> {
            Thread thread = new Thread(run, "ask");
            thread.setDaemon(true);
            return thread;
        });
        try {
            Map<String, Future<String>> asked = new LinkedHashMap<>();
            ask("old", config.upstreams().old(), asked, threads);
            ask("new", config.upstreams().next(), asked, threads);
            asked.forEach(this::judge);
        } finally {
            threads.shutdownNow();
        }
        return findings;
    }

    private void ask(
            String side, ProxyConfig.Upstream upstream, Map<String, Future<String>> asked, ExecutorService threads) {
        boolean mastodon = config.preset() == ProxyConfig.Preset.MASTODON;
        String key = "upstreams." + side;
        asked.put(key + ".web", threads.submit(() -> answer(upstream.web(), upstream, mastodon ? WEB : "/")));
        if (!upstream.streaming().equals(upstream.web())) {
            asked.put(
                    key + ".streaming",
                    threads.submit(() -> answer(upstream.streaming(), upstream, mastodon ? STREAMING : "/")));
        }
    }

    /** The side that serves has to answer; the other one may still be built. */
    private void judge(String key, Future<String> answer) {
        boolean serves = key.startsWith("upstreams." + config.upstreams().active() + ".");
        try {
            // Connecting, the handshake and the answer are bounded each.
            String status = answer.get(4L * MILLIS, TimeUnit.MILLISECONDS);
            if (!status.matches("HTTP/1\\.[01] [1-4]\\d\\d.*")) {
                findings.add(Finding.warning(key, "it is there, but answers: " + status));
            }
        } catch (ExecutionException e) {
            String why = why(e.getCause());
            findings.add(serves ? Finding.problem(key, why) : Finding.warning(key, why));
        } catch (TimeoutException e) {
            String why = "no answer within " + 4 * MILLIS / 1000 + " s; is the name known, and does it run?";
            findings.add(serves ? Finding.problem(key, why) : Finding.warning(key, why));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String why(@Nullable Throwable cause) {
        if (cause instanceof UnknownHostException) {
            return "the name " + cause.getMessage() + " has no address; write the address, or mend DNS";
        }
        if (cause instanceof SocketTimeoutException) {
            return "no answer within " + MILLIS / 1000 + " s; is a firewall between, and does it run?";
        }
        if (cause instanceof SSLException || cause instanceof GeneralSecurityException) {
            return "TLS: " + cause.getMessage() + "; see server_name and ca";
        }
        return "cannot be reached: " + (cause == null ? "" : cause.getMessage()) + "; does it run, and listen there?";
    }

    /** The status line. */
    private String answer(URI service, ProxyConfig.Upstream upstream, String path)
            throws IOException, GeneralSecurityException {
        String host =
                config.domains().isEmpty() ? "localhost" : config.domains().get(0);
        String request = "GET " + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n";
        byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
        if ("unix".equals(service.getScheme())) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(service.getPath()));
                Channels.newOutputStream(channel).write(bytes);
                return line(Channels.newInputStream(channel));
            }
        }
        boolean tls = "https".equals(service.getScheme());
        String bare = service.getHost().replaceAll("[\\[\\]]", "");
        int port = service.getPort() < 0 ? (tls ? 443 : 80) : service.getPort();
        try (Socket plain = new Socket()) {
            plain.setSoTimeout(MILLIS);
            InetSocketAddress to = new InetSocketAddress(bare, port);
            if (to.isUnresolved()) {
                throw new UnknownHostException(bare);
            }
            plain.connect(to, MILLIS);
            Socket socket = tls ? secured(plain, upstream, bare, port) : plain;
            socket.getOutputStream().write(bytes);
            return line(socket.getInputStream());
        }
    }

    private static Socket secured(Socket plain, ProxyConfig.Upstream upstream, String host, int port)
            throws IOException, GeneralSecurityException {
        String name = upstream.serverName() == null ? host : upstream.serverName();
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trusted(upstream.ca()), null);
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, name, port, true);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        if (upstream.serverName() != null) {
            parameters.setServerNames(List.of(new SNIHostName(name)));
        }
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        return socket;
    }

    private static javax.net.ssl.TrustManager @Nullable [] trusted(@Nullable Path ca)
            throws IOException, GeneralSecurityException {
        if (ca == null) {
            return null;
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(ca)) {
            int number = 0;
            for (Certificate authority : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry(Integer.toString(number++), authority);
            }
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private static String line(InputStream in) throws IOException {
        String line = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1)).readLine();
        if (line == null) {
            throw new IOException("it closed the connection without an answer");
        }
        return line;
    }
}
