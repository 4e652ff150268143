package sluice.proxy.nginx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluice.proxy.listen.CloudflareNetworks;

/** Stock Mastodon with one line changed: that line is told, and why. */
class DifferencesTest {
    @TempDir
    Path folder;

    static Stream<Arguments> differences() {
        return Stream.of(
                against(
                        "server_name example.social;\n\n",
                        "server_name example.social *.example.social;\n\n",
                        "whole names only"),
                against("listen 443 ssl http2;", "listen 443 ssl http2 proxy_protocol;", "PROXY protocol"),
                against("listen 443 ssl http2;", "listen 443 ssl http2 novel;", "does not know novel"),
                against("listen [::]:443 ssl http2;", "listen unix:/run/nginx.sock ssl;", "TCP addresses only"),
                against("listen [::]:443 ssl http2;", "listen 8080;", "in plain text"),
                against("/live/example.social/fullchain.pem", "/live/example.social/cert.pem", "from one folder"),
                against("ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1.1 TLSv1.2;", "older ones only"),
                against("ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1.3;", "both TLS 1.2 and 1.3"),
                against("client_max_body_size 99m;", "client_max_body_size 0;", "any size"),
                against("proxy_read_timeout 120;", "proxy_read_timeout 2h;", "from 100 ms to 1 h"),
                against("keepalive_timeout 70;", "keepalive_timeout 0;", "from 100 ms to 1 h"),
                against("root /home/mastodon/live/public;\n\n", "root public;\n\n", "absolute name"),
                against("gzip_static on;", "what_is_this on;", "does not know what_is_this"),
                against(
                        "gzip_static on;",
                        "set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For; real_ip_recursive on;",
                        "trusts everybody"),
                against("gzip_static on;", "set_real_ip_from 10.0.0.0/8;", "from x-real-ip"),
                against(
                        "gzip_static on;",
                        "set_real_ip_from 127.0.0.1; real_ip_header CF-Connecting-IP;",
                        "X-Forwarded-For, which Cloudflare sends as well"),
                against(
                        "gzip_static on;",
                        "set_real_ip_from 10.0.0.0/8; real_ip_header proxy_protocol;",
                        "PROXY protocol"),
                against("gzip_static on;", "return 503;", "answers by itself"),
                against("gzip_static on;", "ssl_verify_client optional;", "asks all for one, or nobody"),
                against("gzip_static on;", "ssl_verify_client on;", "which authorities nginx trusts"),
                against("gzip_static on;", "http2_max_concurrent_streams 1;", "2 to 10000"),
                against("listen 80;", "listen 80 proxy_protocol;", "is not told the address in it"),
                against(
                        "listen [::]:80;",
                        "listen [::]:80 proxy_protocol; set_real_ip_from 10.0.0.1; real_ip_header proxy_protocol;",
                        "is not told the address in it"),
                against("{ allow all; }", "{ root letsencrypt; }", "renewals would fail"),
                against(
                        "error_page 404 500 501 502 503 504 /500.html;",
                        "error_page 500 /500.html; error_page 502 /502.html;",
                        "and with nothing else"),
                against(
                        "upstream backend",
                        "server { listen 8080; server_name b.example; location / { proxy_pass http://backend; } } upstream backend",
                        "past Sluice"),
                against(
                        "upstream backend",
                        "server { listen 443 ssl; server_name ~^b; location / { proxy_pass http://b.example; } } upstream backend",
                        "cannot tell by ~^b"),
                note(
                        "upstream backend",
                        "server { listen 8080; server_name b.example; } upstream backend",
                        "a port of its own"),
                note("gzip_static on;", "access_log /var/log/nginx/a.log mine;", "not of mine"),
                note("gzip_static on;", "access_log /var/log/nginx/a.log combined if=$loggable;", "for some only"),
                against("proxy_pass http://backend;", "proxy_pass http://backend/masto/;", "changes the path"),
                against("proxy_pass http://backend;", "proxy_pass $elsewhere;", "cannot tell where this leads"),
                against("proxy_pass http://backend;", "proxy_pass https://127.0.0.1:3443;", "Sluice verifies it"),
                against(
                        "server 127.0.0.1:3000 fail_timeout=0;",
                        "server 127.0.0.1:3000; server 127.0.0.1:3001 backup;",
                        "one server of backend"),
                against(
                        "proxy_set_header Proxy \"\";",
                        "proxy_set_header X-Forwarded-Proto http;",
                        "not with this value"),
                against("proxy_redirect off;", "proxy_redirect http:// https://;", "changes Location"),
                against("proxy_pass_header Server;", "proxy_pass_header X-Accel-Expires;", "passes a field on"),
                against("try_files $uri =404;", "try_files $uri @mastodon;", "Sluice answers 404"),
                against(
                        "try_files $uri =404;",
                        "try_files $uri/index.html =404;",
                        "other files than those of the path"),
                against(
                        "X-Content-Type-Options nosniff;",
                        "X-Content-Type-Options none;",
                        "Sluice sends X-Content-Type-Options: nosniff"),
                against("try_files $uri =404;", "try_files $uri =404; root /srv/assets;", "one folder with files"),
                against("try_files $uri =404;", "try_files $uri =404; expires 28d;", "how long"),
                against(
                        "error_page 404 500 501 502 503 504 /500.html;",
                        "error_page 502 =200 /sorry.html;",
                        "500.html"),
                against(
                        "error_page 404 500 501 502 503 504 /500.html;",
                        "location = /sorry { return 503; }",
                        "answers by itself"),
                against("{ allow all; }", "{ alias /var/www/acme/; }", "renewals would fail"),
                against("{ allow all; }", "{ proxy_pass http://127.0.0.1:8402; }", "does not know proxy_pass"),
                against(
                        "location / { return 301 https://$host$request_uri; }",
                        "location / { return 301 https://elsewhere.example/; }",
                        "to https"),
                against("try_files $uri =404;", "proxy_pass http://backend;", "Sluice serves files of root"),
                against(
                        "X-Content-Type-Options nosniff;",
                        "X-Content-Type-Options none; auth_basic x;",
                        "Sluice sends X-Content"),
                note("listen [::]:443 ssl http2;", "listen 443 quic;", "HTTP/3"),
                note("ssl_session_tickets off;", "ssl_stapling on;", "OCSP"),
                note("proxy_redirect off;", "proxy_request_buffering off;", "before it passes the request on"));
    }

    private static Arguments against(String line, String other, String why) {
        return Arguments.of(Finding.Kind.AGAINST, line, other, why);
    }

    private static Arguments note(String line, String other, String why) {
        return Arguments.of(Finding.Kind.NOTE, line, other, why);
    }

    @ParameterizedTest
    @MethodSource("differences")
    void isTold(Finding.Kind kind, String line, String other, String why) throws Exception {
        NginxFolder machine = NginxFolder.of("stock46", folder);
        String text = Files.readString(machine.site());
        String right = line.replace(" /home", " " + folder + "/home");
        int at = text.indexOf(right);
        assertThat(at).as(right).isPositive();
        Files.writeString(machine.site(), text.substring(0, at) + other + text.substring(at + right.length()));
        int number = (int) text.substring(0, at).lines().count() + (text.charAt(at - 1) == '\n' ? 1 : 0);

        List<Finding> found = Importer.read(
                        Configuration.read(List.of(machine.main())), CloudflareNetworks.load(), null, null)
                .findings();

        assertThat(found).anySatisfy(finding -> {
            assertThat(finding.kind()).isEqualTo(kind);
            assertThat(finding.place()).isEqualTo(new Place(machine.site().toString(), number));
            assertThat(finding.why()).contains(why);
        });
    }
}
