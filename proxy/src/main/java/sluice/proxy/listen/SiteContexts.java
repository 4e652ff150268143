package sluice.proxy.listen;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Certificates with a TLS context each, chosen by the name that a client asks for. Immutable: a renewal makes another one. */
final class SiteContexts {
    private final List<SiteCertificate> certificates;
    private final List<SslContext> contexts;
    private final Map<String, SslContext> byName = new HashMap<>();

    /** @param contexts those of the certificates, in their order, at least one; released by {@link #release} */
    SiteContexts(List<SiteCertificate> certificates, List<SslContext> contexts) {
        this.certificates = List.copyOf(certificates);
        this.contexts = List.copyOf(contexts);
        for (int i = 0; i < contexts.size(); i++) {
            for (String name : certificates.get(i).names()) {
                byName.putIfAbsent(name, contexts.get(i));
            }
        }
    }

    List<SiteCertificate> certificates() {
        return certificates;
    }

    /** The context for a name, or for none: that of the first certificate then. */
    SslContext choose(@Nullable String host) {
        if (host == null) {
            return contexts.get(0);
        }
        String name = host.toLowerCase(Locale.ROOT);
        SslContext exact = byName.get(name);
        if (exact != null) {
            return exact;
        }
        int dot = name.indexOf('.');
        SslContext starred = dot < 0 ? null : byName.get("*" + name.substring(dot));
        return starred == null ? contexts.get(0) : starred;
    }

    List<OpenSslSessionContext> sessions() {
        return contexts.stream()
                .map(context -> (OpenSslSessionContext) context.sessionContext())
                .toList();
    }

    /** Connections that use a context keep it until they end. */
    void release() {
        contexts.forEach(ReferenceCountUtil::release);
    }
}
