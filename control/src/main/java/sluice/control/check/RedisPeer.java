package sluice.control.check;

import sluice.control.redis.RedisServer;

/**
 * One Redis instance and how the other side's instance reaches it.
 *
 * @param server the instance
 * @param host its address as the other side sees it
 * @param port its port as the other side sees it
 */
public record RedisPeer(RedisServer server, String host, int port) {}
