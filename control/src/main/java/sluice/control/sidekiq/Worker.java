package sluice.control.sidekiq;

/**
 * A Sidekiq process as it describes itself in Redis, every five to ten seconds.
 *
 * @param identity host, process id and a nonce
 * @param pid its process id, on its own host
 * @param beat when it last did, in seconds of its own clock
 * @param quiet whether it takes no new jobs
 * @param busy how many jobs it had in hand then
 */
public record Worker(String identity, long pid, String beat, boolean quiet, int busy) {
    /** Whether it had nothing in hand and takes nothing. */
    public boolean idle() {
        return quiet && busy == 0;
    }
}
