package sluice.proxy.admin;

/** A call that is refused before it reaches the gate. */
final class Problem extends RuntimeException {
    private final AdminResponse response;

    Problem(int status, String title, String detail) {
        this(AdminResponse.problem(status, title, detail));
    }

    Problem(AdminResponse response) {
        super(response.body(), null, false, false);
        this.response = response;
    }

    static Problem invalid(String detail) {
        return new Problem(400, "invalid parameter", detail);
    }

    AdminResponse response() {
        return response;
    }
}
