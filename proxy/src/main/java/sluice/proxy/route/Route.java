package sluice.proxy.route;

/**
 * What the rules say about a request: what it is to the gate, and which service of the upstream answers it.
 *
 * @param requestClass its class
 * @param service its service
 */
public record Route(RequestClass requestClass, Service service) {}
