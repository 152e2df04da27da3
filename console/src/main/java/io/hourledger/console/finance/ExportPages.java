package io.hourledger.console.finance;

import io.hourledger.files.export.RecordExport;
import io.hourledger.files.table.FileForm;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/**
 * A month's usage records as a file. The file is written on this machine first and sent when it is whole: a browser that reads slowly holds no
 * snapshot of the database, and nobody gets half a file.
 */
@Controller
final class ExportPages {

    private static final int AT_ONCE = 1;
    private static final int RETRY_SECONDS = 60;

    private final RecordExport export;
    private final Semaphore free = new Semaphore(AT_ONCE);

    ExportPages(RecordExport export) {
        this.export = export;
    }

    @GetMapping("/finance/export")
    void export(
            @RequestParam YearMonth month,
            @RequestParam(name = "form", defaultValue = "xlsx") String label,
            @RequestParam(required = false) @Nullable String buyer,
            HttpServletResponse response)
            throws IOException {
        FileForm form = form(label)
                .orElseThrow(() ->
                        new ResponseStatusException(HttpStatus.BAD_REQUEST, "a file is parquet, csv, xlsx or json"));
        if (!free.tryAcquire()) {
            response.setIntHeader("Retry-After", RETRY_SECONDS);
            response.sendError(
                    HttpStatus.SERVICE_UNAVAILABLE.value(), "another file is being written; try again in a minute");
            return;
        }
        Path file = Files.createTempFile("hourledger-export", "." + form.label());
        try {
            write(file, form, new RecordExport.Scope(month, buyer == null || buyer.isBlank() ? null : buyer));
        } catch (IOException | RuntimeException failed) {
            Files.deleteIfExists(file);
            throw failed;
        } finally {
            free.release();
        }
        try {
            response.setContentType(form.mediaType());
            response.setHeader(
                    "Content-Disposition", "attachment; filename=\"records-" + month + "." + form.label() + "\"");
            response.setContentLengthLong(Files.size(file));
            Files.copy(file, response.getOutputStream());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private void write(Path file, FileForm form, RecordExport.Scope scope) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            export.write(scope, head -> form.begin(head, out), rows -> {});
        }
    }

    private static Optional<FileForm> form(String label) {
        return Arrays.stream(FileForm.values())
                .filter(form -> form.label().equals(label.toLowerCase(Locale.ROOT)))
                .findFirst();
    }
}
