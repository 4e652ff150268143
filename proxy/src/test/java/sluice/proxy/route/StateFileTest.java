package sluice.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFileTest {
    private static final Routing OPEN = new Routing(1, Side.OLD, Phase.OPEN, Arrivals.PASS, null, null);
    private static final Routing HELD = new Routing(
            2,
            Side.NEW,
            Phase.DRAINED,
            Arrivals.PARK,
            new Hold(
                    "h2",
                    "käthe",
                    Instant.ofEpochMilli(1_000),
                    Duration.ofSeconds(20),
                    Instant.ofEpochMilli(21_000),
                    Expiry.SHED,
                    Scope.ALL),
            null);

    @TempDir
    Path folder;

    private static StateFile reopened(Disk disk, StateFile.Opened expected) {
        StateFile file = new StateFile(disk);
        assertThat(file.open()).isEqualTo(expected);
        return file;
    }

    private static MemoryDisk with(Routing routing) throws IOException {
        MemoryDisk disk = new MemoryDisk();
        StateFile file = reopened(disk, StateFile.Opened.FIRST_USE);
        file.create(OPEN);
        file.taken();
        file.write(routing);
        return disk;
    }

    @Test
    void comes_back_as_it_was_written() throws IOException {
        try (FileDisk disk = new FileDisk(folder)) {
            StateFile file = reopened(disk, StateFile.Opened.FIRST_USE);
            file.create(OPEN);
            file.write(HELD);
        }
        try (FileDisk disk = new FileDisk(folder)) {
            assertThat(reopened(disk, StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
        }
    }

    @Test
    void a_write_torn_at_any_byte_leaves_the_last_state() throws IOException {
        MemoryDisk disk = with(HELD);
        byte[] next = new Slot(99, OPEN).encode();
        for (int arrived = 0; arrived < Slot.SIZE; arrived += 7) {
            MemoryDisk torn = disk.certain();
            torn.write(0, next);
            int bytes = arrived;
            MemoryDisk after = torn.afterPowerFailure(bound -> bytes);
            assertThat(reopened(after, StateFile.Opened.FOUND).routing())
                    .as("%d bytes arrived", arrived)
                    .isEqualTo(HELD);
        }
    }

    @Test
    void the_second_write_after_a_torn_one_never_touches_the_only_good_slot() throws IOException {
        MemoryDisk disk = with(HELD);
        disk.rot(100); // slot 0 is gone, slot 1 has the state
        MemoryDisk repaired = disk.certain();
        StateFile file = reopened(repaired, StateFile.Opened.FOUND);
        assertThat(file.routing()).isEqualTo(HELD);

        MemoryDisk rotten = repaired.certain();
        rotten.rot(Slot.SIZE + 100);

        assertThat(reopened(rotten, StateFile.Opened.FOUND).routing())
                .as("repaired")
                .isEqualTo(HELD);
    }

    @Test
    void rot_in_either_slot_leaves_its_mirror() throws IOException {
        for (int slot = 0; slot < 2; slot++) {
            MemoryDisk disk = with(HELD);
            disk.rot(slot * Slot.SIZE + 17);

            assertThat(reopened(disk, StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
        }
    }

    @Test
    void it_says_whether_the_last_process_ended_well() throws IOException {
        try (FileDisk disk = new FileDisk(folder)) {
            StateFile file = reopened(disk, StateFile.Opened.FIRST_USE);
            assertThat(file.endedWell()).as("there was none").isTrue();
            file.create(OPEN);
            assertThat(reopened(disk, StateFile.Opened.FOUND).endedWell())
                    .as("nothing was let through yet")
                    .isTrue();
            file.taken();
            assertThat(reopened(disk, StateFile.Opened.FOUND).endedWell()).isFalse();
            file.givenBack();
            assertThat(reopened(disk, StateFile.Opened.FOUND).endedWell()).isTrue();
            file.taken();
            assertThat(reopened(disk, StateFile.Opened.FOUND).endedWell()).isFalse();
            assertThat(reopened(disk, StateFile.Opened.FOUND).routing()).isEqualTo(OPEN);
        }
    }

    /** An end that is torn at any byte is none, and once a byte of the next start has arrived the end counts no more. */
    @Test
    void an_end_counts_only_when_it_is_whole() throws IOException {
        int length = 34;
        for (int arrived = 0; arrived < length - 1; arrived++) {
            int bytes = arrived;
            MemoryDisk ending = with(HELD);
            ending.failSyncs(1);
            assertThatThrownBy(reopened(ending, StateFile.Opened.FOUND)::givenBack)
                    .isInstanceOf(IOException.class);
            StateFile ended = reopened(ending.afterPowerFailure(bound -> bytes), StateFile.Opened.FOUND);
            assertThat(ended.endedWell()).as("%d bytes of an end", arrived).isFalse();
            assertThat(ended.routing()).isEqualTo(HELD);

            MemoryDisk starting = with(HELD);
            reopened(starting, StateFile.Opened.FOUND).givenBack();
            starting.failSyncs(1);
            assertThatThrownBy(reopened(starting, StateFile.Opened.FOUND)::taken)
                    .isInstanceOf(IOException.class);
            StateFile started = reopened(starting.afterPowerFailure(bound -> bytes), StateFile.Opened.FOUND);
            assertThat(started.endedWell()).as("%d bytes of a start", arrived).isEqualTo(arrived == 0);
            assertThat(started.routing()).isEqualTo(HELD);
        }
    }

    @Test
    void rot_in_both_slots_is_told() throws IOException {
        MemoryDisk disk = with(HELD);
        disk.rot(17);
        disk.rot(Slot.SIZE + 4_000);

        StateFile file = reopened(disk, StateFile.Opened.LOST);

        assertThat(file.trouble()).contains("unreadable");
        assertThat(file.routing()).isNull();
    }

    @Test
    void missing_after_first_use_is_told() throws IOException {
        try (FileDisk disk = new FileDisk(folder)) {
            StateFile file = reopened(disk, StateFile.Opened.FIRST_USE);
            file.create(OPEN);
        }
        Files.delete(folder.resolve("gate.state"));

        try (FileDisk disk = new FileDisk(folder)) {
            assertThat(reopened(disk, StateFile.Opened.LOST).trouble()).contains("missing");
        }
    }

    @Test
    void a_file_that_was_cut_short_is_told() throws IOException {
        try (FileDisk disk = new FileDisk(folder)) {
            reopened(disk, StateFile.Opened.FIRST_USE).create(OPEN);
        }
        Files.write(folder.resolve("gate.state"), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);

        try (FileDisk disk = new FileDisk(folder)) {
            reopened(disk, StateFile.Opened.LOST);
        }
    }

    @Test
    void one_slot_that_cannot_be_written_does_not_stop_a_transition() throws IOException {
        MemoryDisk disk = with(OPEN);
        StateFile file = reopened(disk, StateFile.Opened.FOUND);
        disk.fail(1);

        file.write(HELD);

        assertThat(reopened(disk.certain(), StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
    }

    @Test
    void the_only_slot_with_the_last_state_is_never_overwritten() throws IOException {
        MemoryDisk disk = with(OPEN);
        StateFile file = reopened(disk, StateFile.Opened.FOUND);
        disk.fail(1);
        file.write(HELD); // in slot 1 only; slot 0 is behind
        disk.failSyncs(2); // this slot's, and that of a new file
        assertThatThrownBy(() -> file.write(OPEN)).isInstanceOf(IOException.class);
        int[] write = new int[1];

        MemoryDisk after = disk.afterPowerFailure(bound -> write[0]++ == 0 ? 0 : bound / 2);

        assertThat(reopened(after, StateFile.Opened.FOUND).routing())
                .as("never what was before it")
                .isEqualTo(HELD);
    }

    @Test
    void a_disk_that_takes_nothing_is_an_error_and_the_state_stays() throws IOException {
        MemoryDisk disk = with(HELD);
        StateFile file = reopened(disk, StateFile.Opened.FOUND);
        disk.fail(2);

        assertThatThrownBy(() -> file.write(OPEN)).isInstanceOf(IOException.class);

        assertThat(reopened(disk.certain(), StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
    }

    @Test
    void what_was_refused_does_not_come_back_after_a_kill() throws IOException {
        for (int syncs = 2; syncs < 10; syncs++) {
            MemoryDisk disk = with(HELD);
            StateFile file = reopened(disk, StateFile.Opened.FOUND);
            disk.failSyncs(syncs);
            assertThatThrownBy(() -> file.write(OPEN)).isInstanceOf(IOException.class);

            assertThat(reopened(disk.afterKill(), StateFile.Opened.FOUND).routing())
                    .as("%d syncs fail", syncs)
                    .isEqualTo(HELD);
        }
    }

    @Test
    void what_was_refused_does_not_come_back_after_a_kill_with_one_slot_either() throws IOException {
        MemoryDisk disk = with(OPEN);
        StateFile file = reopened(disk, StateFile.Opened.FOUND);
        disk.fail(1);
        file.write(HELD); // in slot 1 only
        disk.fill(true);
        disk.failSyncs(2);
        assertThatThrownBy(() -> file.write(OPEN)).isInstanceOf(IOException.class);

        assertThat(reopened(disk.afterKill(), StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
    }

    @Test
    void after_a_failure_it_is_not_sure_what_is_there() throws IOException {
        MemoryDisk disk = with(HELD);
        StateFile file = reopened(disk, StateFile.Opened.FOUND);
        assertThat(file.holds(HELD)).isTrue();
        disk.failSyncs(10);
        assertThatThrownBy(() -> file.write(OPEN)).isInstanceOf(IOException.class);
        disk.failSyncs(0);

        assertThat(file.routing()).isEqualTo(HELD);
        assertThat(file.holds(HELD)).as("to be written again").isFalse();
        file.write(HELD);
        assertThat(file.holds(HELD)).isTrue();
        assertThat(reopened(disk.certain(), StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
    }

    @Test
    void a_slot_that_cannot_be_read_is_as_good_as_rotten() throws IOException {
        for (int slot = 0; slot < 2; slot++) {
            MemoryDisk disk = with(HELD);
            disk.wearOut(slot * Slot.SIZE, false);

            StateFile file = reopened(disk, StateFile.Opened.FOUND);

            assertThat(file.routing()).isEqualTo(HELD);
            assertThat(file.damage()).contains("memory: slot " + slot + " cannot be written");
        }
    }

    @Test
    void how_the_process_ended_is_bad_when_it_cannot_be_read() throws IOException {
        MemoryDisk disk = with(HELD);
        disk.wearOut(2 * Slot.SIZE, false);

        StateFile file = reopened(disk, StateFile.Opened.FOUND);

        assertThat(file.endedWell()).isFalse();
        assertThat(file.routing()).isEqualTo(HELD);
    }

    @Test
    void a_slot_that_is_worn_out_has_the_file_made_anew() throws IOException {
        for (int slot = 0; slot < 2; slot++) {
            MemoryDisk disk = with(OPEN);
            StateFile file = reopened(disk, StateFile.Opened.FOUND);
            file.taken();
            disk.wearOut(slot * Slot.SIZE, true);
            file.write(HELD);
            assertThat(file.damage())
                    .contains("slot " + slot + " cannot be written, the state is in the other one only");

            file.write(OPEN);

            assertThat(file.damage()).isEmpty();
            StateFile found = reopened(disk.certain(), StateFile.Opened.FOUND);
            assertThat(found.routing()).isEqualTo(OPEN);
            assertThat(found.endedWell()).as("it is as it was").isFalse();
            disk.rot(17);
            assertThat(reopened(disk.certain(), StateFile.Opened.FOUND).routing())
                    .as("both slots have it again")
                    .isEqualTo(OPEN);
        }
    }

    @Test
    void where_no_new_file_can_be_made_it_is_told_and_the_last_slot_stays() throws IOException {
        MemoryDisk disk = with(OPEN);
        StateFile file = reopened(disk, StateFile.Opened.FOUND);
        disk.wearOut(0, true);
        disk.fill(true);
        file.write(HELD);

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> file.write(OPEN)).isInstanceOf(IOException.class);
            assertThat(file.damage()).contains("nothing can be changed").contains("no space left");
            assertThat(reopened(disk.afterKill(), StateFile.Opened.FOUND).routing())
                    .isEqualTo(HELD);
        }
        disk.fill(false);
        file.write(OPEN);
        assertThat(file.damage()).isEmpty();
        assertThat(reopened(disk.certain(), StateFile.Opened.FOUND).routing()).isEqualTo(OPEN);
    }

    @Test
    void made_anew_it_is_the_file_that_is_written_from_then_on() throws IOException {
        try (FileDisk disk = new FileDisk(folder)) {
            reopened(disk, StateFile.Opened.FIRST_USE).create(OPEN);
            assertThat(disk.read(0, Slot.SIZE)).isEqualTo(new Slot(1, OPEN).encode());
            byte[] whole = new byte[3 * Slot.SIZE];
            System.arraycopy(new Slot(7, HELD).encode(), 0, whole, 0, Slot.SIZE);
            disk.replace(whole);
            disk.write(Slot.SIZE, new Slot(8, HELD).encode());
            disk.sync();
        }
        try (FileDisk disk = new FileDisk(folder)) {
            assertThat(disk.read(0, Slot.SIZE)).isEqualTo(new Slot(7, HELD).encode());
            assertThat(reopened(disk, StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
        }
        assertThat(folder.resolve("gate.state.new")).doesNotExist();
        assertThat(folder.resolve("gate.state.bad")).doesNotExist();
    }

    @Test
    void the_file_never_grows() throws IOException {
        try (FileDisk disk = new FileDisk(folder)) {
            StateFile file = reopened(disk, StateFile.Opened.FIRST_USE);
            file.create(OPEN);
            for (int i = 0; i < 50; i++) {
                file.write(i % 2 == 0 ? HELD : OPEN);
            }
        }
        assertThat(Files.size(folder.resolve("gate.state"))).isEqualTo(3L * Slot.SIZE);
    }

    @Test
    void a_full_disk_stops_no_transition() throws Exception {
        // A file system of its own that can really be filled; only root may mount one.
        assumeThat(run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.toString()))
                .isZero();
        try {
            try (FileDisk disk = new FileDisk(folder)) {
                StateFile file = reopened(disk, StateFile.Opened.FIRST_USE);
                file.create(OPEN);
                fill(folder.resolve("rest"));

                file.write(HELD);
                file.givenBack();
                file.taken();
            }
            try (FileDisk disk = new FileDisk(folder)) {
                assertThat(reopened(disk, StateFile.Opened.FOUND).routing()).isEqualTo(HELD);
            }
        } finally {
            assertThat(run("umount", folder.toString())).isZero();
        }
    }

    private static void fill(Path file) throws IOException {
        byte[] block = new byte[4096];
        boolean full = false;
        for (int i = 0; i < 100 && !full; i++) {
            try {
                Files.write(file, block, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (IOException e) {
                full = true;
            }
        }
        assertThat(full).as("the disk is full").isTrue();
    }

    private static int run(String... command) throws IOException, InterruptedException {
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            return 127;
        }
        process.getInputStream().readAllBytes();
        return process.waitFor(10, TimeUnit.SECONDS) ? process.exitValue() : 1;
    }

    private static final Preview EVERY_MARK =
            new Preview(Side.NEW, "sluice=new", "X-Preview:  yes", sluice.proxy.config.Network.parse("2001:db8::/32"));

    @Test
    void a_preview_comes_back() throws IOException {
        Routing previewed = new Routing(1, Side.OLD, Phase.OPEN, Arrivals.PASS, null, EVERY_MARK);

        Routing found = reopened(with(previewed), StateFile.Opened.FOUND).routing();

        assertThat(found).isEqualTo(previewed);
        assertThat(found.preview().header()).isEqualTo("x-preview: yes");
    }

    @Test
    void the_longest_marks_find_room_beside_the_longest_owner() {
        String long300 = "n=" + "v".repeat(Preview.MAX_MARK - 2);
        Preview longest = new Preview(
                Side.NEW,
                long300,
                "n: " + "v".repeat(Preview.MAX_MARK - 3),
                sluice.proxy.config.Network.parse("2001:db8:1111:2222:3333:4444:5555:6666/128"));
        Hold hold = new Hold(
                "h" + Long.MAX_VALUE,
                "\u20ac".repeat(200),
                Instant.ofEpochMilli(1_000),
                Duration.ofSeconds(20),
                Instant.ofEpochMilli(21_000),
                Expiry.SHED,
                Scope.ALL);
        Routing large = new Routing(Long.MAX_VALUE, Side.OLD, Phase.DRAINED, Arrivals.SHED, hold, longest);

        assertThat(Slot.decode(new Slot(7, large).encode()).routing()).isEqualTo(large);
    }

    /** Written by the version that knew no preview, and by this one where there is none: see the first bytes. */
    @Test
    void without_a_preview_the_former_format_is_kept() {
        assertThat(new String(new Slot(1, HELD).encode(), 0, 8, java.nio.charset.StandardCharsets.US_ASCII))
                .isEqualTo("Sluice01");
        assertThat(Slot.decode(new Slot(1, HELD).encode()).routing()).isEqualTo(HELD);
    }

    @Test
    void a_mark_that_makes_no_sense_is_refused() {
        for (String cookie : java.util.List.of("", "sluice", "=new", "a b=c", "a=b c", "a=b;c", "a=b\nc", "a=\u00e9")) {
            assertThatThrownBy(() -> new Preview(Side.NEW, cookie, null, null))
                    .as(cookie)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("cookie: ");
        }
        for (String header :
                java.util.List.of("", "X-Preview", ": yes", "X Preview: yes", "X-Preview: ", "a: b\r\nc: d")) {
            assertThatThrownBy(() -> new Preview(Side.NEW, null, header, null))
                    .as(header)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("header: ");
        }
        assertThatThrownBy(() -> new Preview(Side.NEW, "a=" + "b".repeat(Preview.MAX_MARK), null, null))
                .hasMessageContaining("at most 300");
        assertThatThrownBy(() -> new Preview(Side.NEW, null, null, null)).hasMessageContaining("at least one");
    }
}
