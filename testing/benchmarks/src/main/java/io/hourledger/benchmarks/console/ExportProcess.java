package io.hourledger.benchmarks.console;

import io.hourledger.benchmarks.process.Parent;
import io.hourledger.files.export.RecordExport;
import io.hourledger.files.table.FileForm;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** The product's own export of the month in one form. */
public final class ExportProcess {

    private static final double MIB = 1 << 20;
    private static final String RESIDENT_PEAK = "VmHWM:";
    private static final double KIB_A_MIB = 1024;

    private ExportProcess() {}

    /** Takes the database's address, user and password, the form, and the file. */
    public static void main(String[] arguments) throws IOException {
        Parent.whenItEnds(() -> {});
        DriverManagerDataSource database = new DriverManagerDataSource(arguments[0], arguments[1], arguments[2]);
        RecordExport export = new RecordExport(new JdbcTemplate(database), new JdbcTransactionManager(database));
        FileForm form = FileForm.valueOf(arguments[3]);
        Path file = Path.of(arguments[4]);
        RecordExport.Scope month = new RecordExport.Scope(YearMonth.parse(MonthLoad.MONTH), null);
        long startedAt = System.nanoTime();
        long rows;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            rows = export.write(month, head -> form.begin(head, out), Parent::progress);
        }
        double seconds = (System.nanoTime() - startedAt) / 1e9;
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("rows", rows);
        result.put("seconds", seconds);
        result.put("rows_per_s", rows / seconds);
        result.put("bytes", Files.size(file));
        result.put("heap_peak_mib", heapPeakMib());
        result.put("peak_mib", residentPeakMib());
        Files.delete(file);
        Parent.result(result);
    }

    private static double heapPeakMib() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                        .filter(pool -> pool.getType() == MemoryType.HEAP)
                        .map(MemoryPoolMXBean::getPeakUsage)
                        .mapToLong(usage -> usage.getUsed())
                        .sum()
                / MIB;
    }

    /** Of the whole process, native memory included; where the system does not tell, of its heap. */
    private static double residentPeakMib() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return heapPeakMib();
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith(RESIDENT_PEAK))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")) / KIB_A_MIB)
                .findFirst()
                .orElseGet(ExportProcess::heapPeakMib);
    }
}
