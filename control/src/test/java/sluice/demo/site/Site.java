package sluice.demo.site;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.sql.SQLException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import redis.clients.jedis.HostAndPort;

/** A running site: HTTP on one event loop, requests on as many workers as a default Puma has. */
public final class Site implements AutoCloseable {
    /** Two Puma processes with five threads each; every worker has a database and a Redis connection of its own. */
    private static final int WORKERS = 10;

    private static final int MAX_BODY = 64 * 1024;

    private final EventLoopGroup loops;
    private final ExecutorService workers;
    private final Database database;
    private final Queue queue;
    private final Streams streams;
    private final Channel listener;

    private Site(
            EventLoopGroup loops,
            ExecutorService workers,
            Database database,
            Queue queue,
            Streams streams,
            Channel listener) {
        this.loops = loops;
        this.workers = workers;
        this.database = database;
        this.queue = queue;
        this.streams = streams;
        this.listener = listener;
    }

    /** Opens every connection, then the socket. The database may be a hot standby and Redis a replica. */
    public static Site start(int port, String jdbcUrl, HostAndPort redis) throws SQLException {
        Database database = new Database(jdbcUrl, WORKERS);
        Queue queue = new Queue(redis, WORKERS);
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        Streams streams = new Streams(redis, loops.next());
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        Statuses statuses = new Statuses(database, queue);
        Channel listener = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpServerKeepAliveHandler())
                                .addLast(new HttpObjectAggregator(MAX_BODY))
                                .addLast(new SiteHandler(statuses, streams, workers));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .syncUninterruptibly()
                .channel();
        return new Site(loops, workers, database, queue, streams, listener);
    }

    public int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        streams.close();
        workers.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        database.close();
        queue.close();
    }
}
