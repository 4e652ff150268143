package sluice.proxy.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.HashMap;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;

/** Whether the option is set, and when. What it does to a client's first answer can only be measured, and not reliably. */
class QuickAckTest {
    private final Channel channel = new Channel();

    @Test
    void isSetOnceTheHandshakeIsComplete() {
        assertThat(channel.options).doesNotContainKey(EpollChannelOption.TCP_QUICKACK);

        channel.pipeline().fireUserEventTriggered(SslHandshakeCompletionEvent.SUCCESS);

        assertThat(channel.options).containsEntry(EpollChannelOption.TCP_QUICKACK, true);
        assertThat(channel.pipeline().get(QuickAck.class))
                .as("its work is done")
                .isNull();
    }

    @Test
    void isNotSetOnOtherEventsNorForAHandshakeThatFailed() {
        channel.pipeline().fireUserEventTriggered("something else");
        assertThat(channel.pipeline().get(QuickAck.class)).isNotNull();

        channel.pipeline().fireUserEventTriggered(new SslHandshakeCompletionEvent(new SSLException("no")));
        assertThat(channel.options).doesNotContainKey(EpollChannelOption.TCP_QUICKACK);
    }

    /** Remembers the options that a real socket would be given. */
    private static final class Channel extends EmbeddedChannel {
        private final Map<ChannelOption<?>, Object> options = new HashMap<>();
        private final ChannelConfig config = new DefaultChannelConfig(this) {
            @Override
            public <T> boolean setOption(ChannelOption<T> option, T value) {
                options.put(option, value);
                return true;
            }
        };

        Channel() {
            pipeline().addLast(QuickAck.INSTANCE);
        }

        @Override
        public ChannelConfig config() {
            // Null while the constructor above is at work.
            return config == null ? super.config() : config;
        }
    }
}
