package sluice.proxy.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for the end of the TLS handshake, which tells the version of HTTP (RFC 7301), and gives its place to who speaks it. */
final class ProtocolChoice extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ProtocolChoice.class);

    private final RequestPath path;

    ProtocolChoice(RequestPath path) {
        this.path = path;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslHandshakeCompletionEvent handshake && handshake.isSuccess()) {
            SslHandler tls = ctx.pipeline().get(SslHandler.class);
            if (ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
                Http2Front.install(path, ctx.channel());
            } else {
                ctx.pipeline().addLast(new FrontHandler(path, true));
            }
            ctx.pipeline().remove(this);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A handshake that fails says so as a DecoderException; who scans for weak TLS makes many.
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) {
            log.warn(
                    "closing the connection from {}: its TLS handshake met a fault",
                    ctx.channel().remoteAddress(),
                    cause);
        }
        ctx.close();
    }
}
