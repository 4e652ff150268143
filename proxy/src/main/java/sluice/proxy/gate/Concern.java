package sluice.proxy.gate;

import sluice.proxy.route.Arrivals;
import sluice.proxy.route.Hold;
import sluice.proxy.route.RequestClass;
import sluice.proxy.route.Routing;
import sluice.proxy.route.Scope;

/** Which classes a hold concerns, a bit for each ordinal: so the open path has one question to ask. */
final class Concern {
    private Concern() {}

    /** The classes that do not pass. */
    static int of(Routing routing) {
        if (routing.arrivals() == Arrivals.PASS) {
            return 0;
        }
        Hold hold = routing.hold();
        return of(hold == null || hold.scope() == Scope.ALL);
    }

    private static int of(boolean all) {
        int classes = 0;
        for (RequestClass requestClass : RequestClass.values()) {
            if (all || requestClass.isWrite() || requestClass == RequestClass.STREAM) {
                classes |= 1 << requestClass.ordinal();
            }
        }
        return classes;
    }

    /** The classes that a hold for writes would concern. */
    static int ofHold() {
        return of(false);
    }

    static boolean includes(int classes, RequestClass requestClass) {
        return (classes >>> requestClass.ordinal() & 1) != 0;
    }
}
