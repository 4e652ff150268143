package sluice.proxy.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * A real nginx that behaves as Mastodon's does, in one process of its own that ends with {@link #close}. Times and the largest body
 * are shorter than Mastodon's, so that they can be met.
 */
final class MastodonNginx implements AutoCloseable {
    private static final String HSTS = "add_header Strict-Transport-Security \"max-age=63072000; includeSubDomains\";";

    private final Process process;
    private final Path file;
    private final int https;
    private final int http;

    /**
     * Starts it.
     *
     * @param directory for its configuration and what it writes
     * @param root the public folder
     * @param certificate a folder with fullchain.pem and privkey.pem
     * @param web the port of the site's pages, and {@code streaming} of its streams
     */
    MastodonNginx(Path directory, Path root, Path certificate, int web, int streaming) throws IOException {
        Files.createDirectories(directory);
        try (ServerSocket one = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            https = one.getLocalPort();
            http = other.getLocalPort();
        }
        file = directory.resolve("nginx.conf");
        Files.writeString(file, main(directory));
        Files.writeString(directory.resolve("mastodon"), site(root, certificate, web, streaming));
        process = new ProcessBuilder("nginx", "-p", directory.toString(), "-c", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        await(directory);
    }

    static boolean installed() throws InterruptedException {
        try {
            return new ProcessBuilder("nginx", "-v")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private void await(Path directory) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), https).close();
                return;
            } catch (IOException e) {
                if (!process.isAlive() || System.nanoTime() - end > 0) {
                    close();
                    throw new IOException("nginx: " + Files.readString(directory.resolve("output")), e);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
            }
        }
    }

    private static String main(Path directory) {
        return """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 1024; }
                http {
                    include /etc/nginx/mime.types;
                    default_type application/octet-stream;
                    access_log off;
                    client_body_temp_path %1$s/body;
                    proxy_temp_path %1$s/proxy;
                    fastcgi_temp_path %1$s/fastcgi;
                    uwsgi_temp_path %1$s/uwsgi;
                    scgi_temp_path %1$s/scgi;
                    proxy_cache_path %1$s/cache levels=1:2 keys_zone=CACHE:10m inactive=7d max_size=1g;
                    include %1$s/mastodon;
                }
                """.formatted(directory);
    }

    private String site(Path root, Path certificate, int web, int streaming) {
        String fixed = List.of("assets", "avatars", "emoji", "headers", "ocr", "packs", "shortcuts", "sounds").stream()
                .map(prefix -> "    location ^~ /" + prefix + "/ {\n"
                        + "        add_header Cache-Control \"public, max-age=2419200, must-revalidate\";\n        "
                        + HSTS + "\n        try_files $uri =404;\n    }\n")
                .collect(Collectors.joining());
        return """
                map $http_upgrade $connection_upgrade {
                    default upgrade;
                    '' close;
                }
                upstream backend { server 127.0.0.1:%5$d fail_timeout=0; }
                upstream streaming { least_conn; server 127.0.0.1:%6$d fail_timeout=0; }
                server {
                    listen 127.0.0.1:%2$d;
                    server_name example.social;
                    root %3$s;
                    client_header_timeout 2s;
                    location /.well-known/acme-challenge/ { allow all; }
                    location / { return 301 https://$host$request_uri; }
                }
                server {
                    listen 127.0.0.1:%1$d ssl http2;
                    server_name example.social;
                    ssl_certificate %4$s/fullchain.pem;
                    ssl_certificate_key %4$s/privkey.pem;
                    ssl_protocols TLSv1.2 TLSv1.3;
                    ssl_prefer_server_ciphers on;
                    ssl_session_cache shared:SSL:10m;
                    ssl_session_tickets off;
                    keepalive_timeout 3s;
                    sendfile on;
                    client_max_body_size 2m;
                    client_header_timeout 2s;
                    client_body_timeout 2s;
                    root %3$s;
                    gzip on;
                    gzip_disable "msie6";
                    gzip_vary on;
                    gzip_proxied any;
                    gzip_comp_level 6;
                    gzip_buffers 16 8k;
                    gzip_http_version 1.1;
                    gzip_static on;
                    gzip_types text/plain text/css application/json application/javascript text/xml application/xml
                        application/rss+xml text/javascript image/svg+xml image/x-icon;
                    proxy_read_timeout 2s;
                    location / { %7$s try_files $uri @mastodon; }
                    location = /sw.js {
                        add_header Cache-Control "public, max-age=604800, must-revalidate";
                        %7$s
                        try_files $uri @mastodon;
                    }
                %8$s
                    location ^~ /system/ {
                        add_header Cache-Control "public, max-age=2419200, immutable";
                        %7$s
                        add_header X-Content-Type-Options nosniff;
                        add_header Content-Security-Policy "default-src 'none'; form-action 'none'";
                        try_files $uri =404;
                    }
                    location ^~ /api/v1/streaming {
                        proxy_set_header Host $host;
                        proxy_set_header X-Real-IP $remote_addr;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Forwarded-Proto $scheme;
                        proxy_set_header Proxy "";
                        proxy_pass http://streaming;
                        proxy_buffering off;
                        proxy_redirect off;
                        proxy_http_version 1.1;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection $connection_upgrade;
                        tcp_nodelay on;
                    }
                    location @mastodon {
                        proxy_set_header Host $host;
                        proxy_set_header X-Real-IP $remote_addr;
                        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                        proxy_set_header X-Forwarded-Proto $scheme;
                        proxy_set_header Proxy "";
                        proxy_pass_header Server;
                        proxy_pass http://backend;
                        proxy_buffering on;
                        proxy_redirect off;
                        proxy_http_version 1.1;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection $connection_upgrade;
                        proxy_cache CACHE;
                        proxy_cache_valid 200 7d;
                        proxy_cache_valid 410 24h;
                        proxy_cache_use_stale error timeout updating http_500 http_502 http_503 http_504;
                        add_header X-Cached $upstream_cache_status;
                        tcp_nodelay on;
                    }
                    error_page 404 500 501 502 503 504 /500.html;
                }
                """.formatted(https, http, root, certificate, web, streaming, HSTS, fixed);
    }

    /** Its configuration, with everything it includes. */
    Path file() {
        return file;
    }

    int https() {
        return https;
    }

    int http() {
        return http;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
