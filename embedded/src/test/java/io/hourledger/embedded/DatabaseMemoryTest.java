package io.hourledger.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("servers")
class DatabaseMemoryTest {

    private static final long GIGABYTE = 1L << 30;

    @Test
    void a_small_machine_keeps_room_for_the_services() {
        assertThat(DatabaseMemory.settings(2 * GIGABYTE))
                .isEqualTo(Map.of(
                        "shared_buffers", "256MB",
                        "effective_cache_size", "682MB",
                        "work_mem", "4MB",
                        "maintenance_work_mem", "64MB",
                        "max_wal_size", "512MB"));
    }

    @Test
    void a_large_machine_gives_no_more_than_is_of_use() {
        assertThat(DatabaseMemory.settings(1024 * GIGABYTE))
                .isEqualTo(Map.of(
                        "shared_buffers", "4096MB",
                        "effective_cache_size", "65536MB",
                        "work_mem", "32MB",
                        "maintenance_work_mem", "1024MB",
                        "max_wal_size", "4096MB"));
    }

    @Test
    void a_server_has_the_memory_of_the_machine_unless_told_otherwise(@TempDir Path folder) throws SQLException {
        try (EmbeddedDatabase database =
                EmbeddedDatabase.start(folder.resolve("data"), 0, Durability.FAST, Map.of("work_mem", "5MB"))) {
            assertThat(setting(database, "maintenance_work_mem"))
                    .isEqualTo(bytes(DatabaseMemory.settings().get("maintenance_work_mem")));
            assertThat(setting(database, "work_mem")).isEqualTo(bytes("5MB"));
        }
    }

    private static long setting(EmbeddedDatabase database, String name) throws SQLException {
        try (Connection connection = database.dataSource("postgres").getConnection();
                Statement select = connection.createStatement();
                ResultSet row = select.executeQuery("select pg_size_bytes(current_setting('" + name + "'))")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static long bytes(String megabytes) {
        return Long.parseLong(megabytes.replace("MB", "")) << 20;
    }
}
