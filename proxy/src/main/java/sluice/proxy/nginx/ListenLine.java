package sluice.proxy.nginx;

import java.util.List;

/** The address and the parameters of a {@code listen}. */
record ListenLine(String address, List<String> parameters, Directive directive) {
    /** What nginx does when a server block has no {@code listen}. */
    static final String BY_DEFAULT = "80";

    static ListenLine of(Directive directive) {
        return new ListenLine(
                directive.arg(0), directive.args().subList(1, directive.args().size()), directive);
    }

    boolean tls() {
        return parameters.contains("ssl");
    }

    boolean proxyProtocol() {
        return parameters.contains("proxy_protocol");
    }

    boolean quic() {
        return parameters.contains("quic") || parameters.contains("http3");
    }

    boolean unix() {
        return address.startsWith("unix:");
    }

    String host() {
        if (address.matches("\\d+")) {
            return "0.0.0.0";
        }
        String host = address.replaceFirst("(?<=[^:\\[]|]):\\d+$", "");
        return host.equals("*") ? "0.0.0.0" : host;
    }

    int port() {
        if (address.matches("\\d{1,5}")) {
            return Integer.parseInt(address);
        }
        String port = address.startsWith("[")
                ? address.replaceFirst("^\\[[^]]*]:?", "")
                : address.contains(":") ? address.substring(address.lastIndexOf(':') + 1) : "";
        return port.matches("\\d{1,5}") ? Integer.parseInt(port) : 80;
    }
}
