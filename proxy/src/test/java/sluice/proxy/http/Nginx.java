package sluice.proxy.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A real nginx that behaves as Mastodon's does, in one process of its own that ends with {@link #close}. */
final class Nginx implements AutoCloseable {
    private static final String HSTS = "add_header Strict-Transport-Security \"max-age=63072000; includeSubDomains\";";

    private final Process process;
    private final int port;

    /**
     * Starts it.
     *
     * @param directory for its configuration and what it writes
     * @param root the public folder
     * @param site the port of the site behind it
     */
    Nginx(Path directory, Path root, int site) throws IOException {
        Files.createDirectories(directory);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path configuration = directory.resolve("nginx.conf");
        Files.writeString(configuration, configuration(directory, root, site));
        process = new ProcessBuilder("nginx", "-p", directory.toString(), "-c", configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output").toFile())
                .start();
        await(directory);
    }

    static boolean installed() {
        try {
            return new ProcessBuilder("nginx", "-v")
                            .redirectErrorStream(true)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void await(Path directory) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (true) {
            try {
                new Socket(InetAddress.getLoopbackAddress(), port).close();
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

    private String configuration(Path directory, Path root, int site) {
        StringBuilder fixed = new StringBuilder();
        for (String prefix :
                new String[] {"assets", "avatars", "emoji", "headers", "ocr", "packs", "shortcuts", "sounds"}) {
            fixed.append("location ^~ /")
                    .append(prefix)
                    .append("/ {\n")
                    .append("add_header Cache-Control \"public, max-age=2419200, must-revalidate\";\n")
                    .append(HSTS)
                    .append("\ntry_files $uri =404; }\n");
        }
        return """
                daemon off;
                master_process off;
                pid %1$s/nginx.pid;
                error_log %1$s/error.log;
                events { worker_connections 256; }
                http {
                include /etc/nginx/mime.types;
                default_type application/octet-stream;
                access_log off;
                client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy; fastcgi_temp_path %1$s/fastcgi;
                uwsgi_temp_path %1$s/uwsgi; scgi_temp_path %1$s/scgi;
                keepalive_timeout 70;
                sendfile on;
                gzip on;
                gzip_vary on;
                gzip_proxied any;
                gzip_comp_level 6;
                gzip_http_version 1.1;
                gzip_static on;
                gzip_types text/plain text/css application/json application/javascript text/xml application/xml
                  application/rss+xml text/javascript image/svg+xml image/x-icon;
                server {
                listen 127.0.0.1:%2$d;
                server_name example.social;
                root %3$s;
                location / { %4$s try_files $uri @site; }
                location = /sw.js {
                  add_header Cache-Control "public, max-age=604800, must-revalidate"; %4$s try_files $uri @site; }
                %5$s
                location ^~ /system/ {
                  add_header Cache-Control "public, max-age=2419200, immutable"; %4$s
                  add_header X-Content-Type-Options nosniff;
                  add_header Content-Security-Policy "default-src 'none'; form-action 'none'";
                  try_files $uri =404; }
                location @site { proxy_pass http://127.0.0.1:%6$d; proxy_http_version 1.1;
                  proxy_set_header Host $host; proxy_set_header Connection ""; }
                } }
                """.formatted(directory, port, root, HSTS, fixed, site);
    }

    int port() {
        return port;
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
