package io.hourledger.files.table;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** One JSON object; {@code sums} is its last member. Amounts are strings, since readers take a JSON number for a binary one. */
public final class JsonTable implements TableFile {

    private final TableHead head;
    private final Writer out;
    private final JsonGenerator json;

    public JsonTable(TableHead head, Writer out) {
        this.head = head;
        this.out = out;
        this.json = JsonMapper.builder()
                .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                .build()
                .createGenerator(out);
        json.writeStartObject();
        json.writeStringProperty("title", head.title());
        json.writeObjectPropertyStart("notes");
        head.notes().forEach(json::writeStringProperty);
        json.writeEndObject();
        json.writeArrayPropertyStart("records");
    }

    @Override
    public void add(List<? extends @Nullable Object> values) {
        json.writeRaw('\n');
        object(head.columns(), values);
    }

    private void object(List<Column> columns, List<? extends @Nullable Object> values) {
        json.writeStartObject();
        for (int i = 0; i < columns.size(); i++) {
            String name = columns.get(i).name();
            Object value = values.get(i);
            switch (value) {
                case null -> json.writeNullProperty(name);
                case Long count -> json.writeNumberProperty(name, count);
                default -> json.writeStringProperty(name, Cells.text(value));
            }
        }
        json.writeEndObject();
    }

    @Override
    public void finish() throws IOException {
        json.writeEndArray();
        json.writeArrayPropertyStart("sums");
        head.sums().forEach(sum -> object(head.sumColumns(), sum));
        json.writeEndArray();
        json.writeEndObject();
        json.flush();
        out.write('\n');
        out.flush();
    }

    @Override
    public void close() {
        // the writer is the caller's
    }
}
