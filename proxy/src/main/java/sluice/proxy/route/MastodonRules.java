package sluice.proxy.route;

import static sluice.proxy.route.RequestClass.INBOX;
import static sluice.proxy.route.RequestClass.MEDIA;
import static sluice.proxy.route.RequestClass.READ;
import static sluice.proxy.route.RequestClass.STREAM;
import static sluice.proxy.route.RequestClass.WRITE;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The preset {@code mastodon}, for 4.3 to 4.6.
 *
 * <p>A GET is a write here when writing is what it is for. A GET that writes now and then beside its work stays a read: the
 * stamps of sign-in, session and token (at most once a day, or when a phone changes its address), a remote poll that is
 * stale ({@code /api/v1/polls/:id}), a signed GET by an actor that nobody knew, the job that {@code /context} enqueues, the
 * first {@code security_key_options}. Were those held, every page would be. On a database that cannot be written just then
 * they fail with 500 and change nothing, and a safe request that fails during a hold waits and is sent again.
 *
 * <p>A POST that only reads stays a write: {@code /api/v1/statuses/:id/translate}, {@code /api/v1/admin/measures},
 * {@code dimensions} and {@code retention}, {@code /oauth/userinfo}, {@code canonical_email_blocks/test}. They are rare, a
 * hold is short, and a write is the safe guess for a method that cannot be sent again. Who wants otherwise writes a rule.
 */
final class MastodonRules {
    static final List<Rule> ALL = List.of(
            // Deliveries from other servers: most of all writes. They are idempotent by the activity's id, and their
            // senders
            // give up after 10 s and come again.
            web("shared inbox", "POST", "/inbox", INBOX),
            web("inbox of one account", "POST", "/users/*/inbox", INBOX),
            web("inbox of one account by its number", "POST", "/ap/users/*/inbox", INBOX),
            web("inbox of the instance", "POST", "/actor/inbox", INBOX),

            // Uploads: large, and slow on the side of the application.
            web("upload", "POST", "/api/v1/media", MEDIA),
            web("upload", "POST", "/api/v2/media", MEDIA),

            // node. Its health is a plain answer, not a stream.
            streaming("health of the streaming service", "GET", "/api/v1/streaming/health", READ),
            streaming("stream", null, "/api/v1/streaming", STREAM),
            streaming("stream", null, "/api/v1/streaming/*", STREAM),
            streaming("streaming service", null, "/api/v1/streaming", WRITE),
            streaming("streaming service", null, "/api/v1/streaming/*", WRITE),

            // GETs that write. The link in the mail of a sign-up: confirms the account, tells the admins.
            web("link that confirms an address", "GET", "/auth/confirmation", WRITE),
            // The same for those who follow an account by mail (4.6).
            web("link that confirms a subscription", "GET", "/email_subscriptions/confirmation", WRITE),
            // Coming back from single sign-on: makes the session, and at the first time the account. Some providers
            // POST.
            web("return from single sign-on", "GET", "/auth/auth/*/callback", WRITE),
            // Grants at once when the application was authorised before; else it shows a form. Only the database knows
            // which,
            // and a grant that was made twice would be one code too many: it waits.
            web("grant to an application", "GET", "/oauth/authorize", WRITE),
            // Links to it are made for remote media only that is not cached: it downloads and saves.
            web("remote media that is fetched", "GET", "/media_proxy/*", WRITE),
            // With resolve an address is looked up on its server, and the account or post is stored.
            resolving("search that fetches from other servers", "/api/v2/search"),
            resolving("search for accounts that fetches from other servers", "/api/v1/accounts/search"),
            // The same from the button "follow" on another server; the older path leads to it.
            web("remote account or post that is fetched", "GET", "/authorize_interaction", WRITE));

    private MastodonRules() {}

    private static Rule web(String name, String method, String path, RequestClass requestClass) {
        return rule(name, method, path, null, requestClass, Service.WEB);
    }

    private static Rule resolving(String name, String path) {
        return rule(name, "GET", path, "resolve", WRITE, Service.WEB);
    }

    private static Rule streaming(String name, @Nullable String method, String path, RequestClass requestClass) {
        return rule(name, method, path, null, requestClass, Service.STREAMING);
    }

    private static Rule rule(
            String name,
            @Nullable String method,
            String path,
            @Nullable String query,
            RequestClass requestClass,
            Service service) {
        List<String> methods = method == null ? List.of() : List.of(method);
        return new Rule("mastodon: " + name, methods, path, null, query, requestClass, service);
    }
}
