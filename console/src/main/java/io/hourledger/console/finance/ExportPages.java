package io.hourledger.console.finance;

import io.hourledger.files.export.RecordExport;
import io.hourledger.files.reading.ReadingNotes;
import io.hourledger.files.table.FileForm;
import io.hourledger.files.table.TableFile;
import io.hourledger.files.table.TableHead;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.YearMonth;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ContentDisposition;
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

    private static final String PREFIX = "hourledger-export";
    private static final String NOT_IN_A_NAME = "[^\\p{L}\\p{N}._-]";

    private final RecordExport export;
    private final ExportSettings settings;
    private final Semaphore free = new Semaphore(AT_ONCE);

    ExportPages(RecordExport export, ExportSettings settings) {
        this.export = export;
        this.settings = settings;
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
            throw new ResponseStatusException(
                    HttpStatus.SERVICE_UNAVAILABLE, "another file is being written or sent; try again in a minute");
        }
        try {
            send(new RecordExport.Scope(month, buyer == null || buyer.isBlank() ? null : buyer), form, response);
        } finally {
            free.release();
        }
    }

    /** Nobody else gets a file until this one is sent, so at most one lies on the disk. */
    private void send(RecordExport.Scope scope, FileForm form, HttpServletResponse response) throws IOException {
        Path file = settings.exportFolder() == null
                ? Files.createTempFile(PREFIX, "." + form.label())
                : Files.createTempFile(settings.exportFolder(), PREFIX, "." + form.label());
        try {
            write(file, form, scope);
            response.setContentType(form.mediaType());
            response.setHeader(
                    "Content-Disposition",
                    ContentDisposition.attachment()
                            .filename(name(scope, form), StandardCharsets.UTF_8)
                            .build()
                            .toString());
            response.setContentLengthLong(Files.size(file));
            Files.copy(file, response.getOutputStream());
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** A part must not pass for the whole month. */
    private static String name(RecordExport.Scope scope, FileForm form) {
        String buyer = scope.buyer() == null ? "" : "-buyer-" + scope.buyer().replaceAll(NOT_IN_A_NAME, "_");
        return "records-" + scope.month() + buyer + "." + form.label();
    }

    private void write(Path file, FileForm form, RecordExport.Scope scope) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            export.write(scope, head -> begin(form, head, out), rows -> {});
        }
    }

    private TableFile begin(FileForm form, TableHead head, OutputStream out) throws IOException {
        if (head.rows() > settings.exportRows()) {
            throw new ResponseStatusException(
                    HttpStatus.UNPROCESSABLE_CONTENT,
                    "these are " + head.rows() + " records, and a browser gets " + settings.exportRows()
                            + " at most: narrow it to a buyer, or take ./metering ledger export");
        }
        String incomplete = head.notes().get(ReadingNotes.INCOMPLETE_INSTANCES);
        if (form == FileForm.CSV && incomplete != null) {
            throw new ResponseStatusException(
                    HttpStatus.CONFLICT,
                    "a CSV file cannot say that these figures lack events of " + incomplete
                            + "; take xlsx, whose notes say so");
        }
        return form.begin(head, out);
    }

    private static Optional<FileForm> form(String label) {
        return Arrays.stream(FileForm.values())
                .filter(form -> form.label().equals(label.toLowerCase(Locale.ROOT)))
                .findFirst();
    }
}
