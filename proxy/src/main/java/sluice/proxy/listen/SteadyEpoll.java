package sluice.proxy.listen;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;

/**
 * Netty's epoll, in which a socket stays though nothing of it is waited for just now. Netty 4.2.18 takes such a socket out of the epoll
 * set (CVE-2026-42577: it used to spin) and forgets that it did. A socket is in that state when its peer has half-closed and all that
 * was written is out; the next write that does not fit into the socket's buffer then fails with "epoll_ctl(..): No such file or
 * directory", and the answer is cut off. So here it is left in with EPOLLERR, which is reported anyway. An error or a hang-up that comes
 * meanwhile closes the channel, since it would be reported again for ever. Confined to its event loop as Netty's is.
 */
public final class SteadyEpoll implements IoHandler {
    /** From epoll_ctl(2); Netty has no constant for it. */
    private static final int EPOLLHUP = 0x10;

    private static final int ENDED = EpollIoOps.EPOLLERR.value() | EPOLLHUP;

    private final IoHandler netty;

    private SteadyEpoll(IoHandler netty) {
        this.netty = netty;
    }

    /** For {@link io.netty.channel.MultiThreadIoEventLoopGroup}. */
    public static IoHandlerFactory factory() {
        IoHandlerFactory factory = EpollIoHandler.newFactory();
        return executor -> new SteadyEpoll(factory.newHandler(executor));
    }

    @Override
    public void initialize() {
        netty.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return netty.run(context);
    }

    @Override
    public void prepareToDestroy() {
        netty.prepareToDestroy();
    }

    @Override
    public void destroy() {
        netty.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        Watched watched = new Watched((EpollIoHandle) handle);
        return new Registration(netty.register(watched), watched);
    }

    @Override
    public void wakeup() {
        netty.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return netty.isCompatible(type);
    }

    /** A channel, as Netty's epoll sees it. */
    private static final class Watched implements EpollIoHandle {
        private final EpollIoHandle channel;
        /** Whether it is in the epoll set for errors alone. */
        private boolean idle;

        Watched(EpollIoHandle channel) {
            this.channel = channel;
        }

        @Override
        public FileDescriptor fd() {
            return channel.fd();
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            if (idle && (((EpollIoEvent) event).ops().value() & ENDED) != 0) {
                close();
            } else {
                channel.handle(registration, event);
            }
        }

        @Override
        public void registered() {
            channel.registered();
        }

        @Override
        public void unregistered() {
            channel.unregistered();
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (Exception e) {
                throw new IllegalStateException("Netty's epoll channels close without an exception", e);
            }
        }
    }

    /** What a channel waits for. */
    private static final class Registration implements IoRegistration {
        private final IoRegistration netty;
        private final Watched watched;
        /** Whether it is in the epoll set: not before it is connected, when a hang-up means nothing. */
        private boolean added;

        Registration(IoRegistration netty, Watched watched) {
            this.netty = netty;
            this.watched = watched;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as Netty has it
        public <T> T attachment() {
            return netty.attachment();
        }

        @Override
        public long submit(IoOps ops) {
            boolean nothing = ((EpollIoOps) ops).value() == EpollIoOps.NONE.value();
            watched.idle = nothing;
            added |= !nothing;
            return netty.submit(nothing && added ? EpollIoOps.EPOLLERR : ops);
        }

        @Override
        public boolean isValid() {
            return netty.isValid();
        }

        @Override
        public boolean cancel() {
            return netty.cancel();
        }
    }
}
