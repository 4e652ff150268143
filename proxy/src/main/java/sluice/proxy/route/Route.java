package sluice.proxy.route;

/**
 * What the rules say about a request: what it is to the gate, and which service of the upstream answers it. The rules hold
 * all that there are; none is made for a request.
 *
 * @param requestClass its class
 * @param service its service
 * @param rule the name of the rule that gave it its class
 */
public record Route(RequestClass requestClass, Service service, String rule) {}
