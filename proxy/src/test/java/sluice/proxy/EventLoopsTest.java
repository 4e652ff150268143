package sluice.proxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the event loops of the program can do that Netty's own cannot. */
@Timeout(60)
class EventLoopsTest {
    private static final int LARGE = 16 << 20;

    @Test
    void whoHasHalfClosedIsWrittenToThoughItIsSlow() throws Exception {
        try (EventLoops loops = new EventLoops(1)) {
            Channel server = new ServerBootstrap()
                    .group(loops.group())
                    .channel(EpollServerSocketChannel.class)
                    .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                    .childHandler(new ChannelInitializer<>() {
                        @Override
                        protected void initChannel(Channel ch) {
                            ch.pipeline().addLast(new AnswersTheEnd());
                        }
                    })
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .syncUninterruptibly()
                    .channel();
            try (Socket client = new Socket()) {
                client.setReceiveBufferSize(16 << 10);
                client.connect(server.localAddress());
                client.setSoTimeout(20_000);
                client.shutdownOutput();
                assertThat(client.getInputStream().readAllBytes()).hasSize(LARGE);
            }
        }
    }

    /** Writes much when its client has half-closed, and Netty has taken note of it. */
    private static final class AnswersTheEnd extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof ChannelInputShutdownReadComplete) {
                ctx.executor()
                        .execute(() -> ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[LARGE]))
                                .addListener(ChannelFutureListener.CLOSE));
            }
        }
    }
}
