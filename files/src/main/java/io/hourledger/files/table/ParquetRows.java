package io.hourledger.files.table;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Rows in Parquet's types: texts, decimals of a fixed scale, 64-bit counts, timestamps in microseconds of UTC. */
final class ParquetRows extends WriteSupport<List<? extends @Nullable Object>> {

    private static final int DECIMAL_BYTES = 16;
    private static final int DECIMAL_PRECISION = 38;

    private final TableHead head;
    private @Nullable RecordConsumer consumer;

    ParquetRows(TableHead head) {
        this.head = head;
    }

    @Override
    @SuppressWarnings("deprecation") // the library still declares it as abstract
    public WriteContext init(Configuration configuration) {
        return context();
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
        return context();
    }

    private WriteContext context() {
        Map<String, String> metadata = new HashMap<>(head.notes());
        metadata.put("title", head.title());
        metadata.put("sums", sums());
        return new WriteContext(schema(), metadata);
    }

    private MessageType schema() {
        List<Type> fields = new ArrayList<>();
        for (Column column : head.columns()) {
            fields.add(field(column));
        }
        return new MessageType("record", fields);
    }

    private static Type field(Column column) {
        return switch (column.type()) {
            case TEXT ->
                Types.optional(PrimitiveTypeName.BINARY)
                        .as(LogicalTypeAnnotation.stringType())
                        .named(column.name());
            case AMOUNT ->
                Types.optional(PrimitiveTypeName.FIXED_LEN_BYTE_ARRAY)
                        .length(DECIMAL_BYTES)
                        .as(LogicalTypeAnnotation.decimalType(column.scale(), DECIMAL_PRECISION))
                        .named(column.name());
            case COUNT -> Types.optional(PrimitiveTypeName.INT64).named(column.name());
            case TIME ->
                Types.optional(PrimitiveTypeName.INT64)
                        .as(LogicalTypeAnnotation.timestampType(true, TimeUnit.MICROS))
                        .named(column.name());
        };
    }

    private String sums() {
        List<Map<String, Object>> sums = new ArrayList<>();
        for (List<@Nullable Object> sum : head.sums()) {
            Map<String, Object> members = new LinkedHashMap<>();
            for (int i = 0; i < sum.size(); i++) {
                members.put(head.sumColumns().get(i).name(), Cells.text(sum.get(i)));
            }
            sums.add(members);
        }
        return new JsonMapper().writeValueAsString(sums);
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
        consumer = recordConsumer;
    }

    @Override
    public void write(List<? extends @Nullable Object> values) {
        RecordConsumer to = Objects.requireNonNull(consumer);
        to.startMessage();
        for (int i = 0; i < values.size(); i++) {
            Object value = values.get(i);
            if (value != null) {
                Column column = head.columns().get(i);
                to.startField(column.name(), i);
                write(to, column, value);
                to.endField(column.name(), i);
            }
        }
        to.endMessage();
    }

    private static void write(RecordConsumer to, Column column, Object value) {
        switch (column.type()) {
            case TEXT -> to.addBinary(Binary.fromString((String) value));
            case AMOUNT -> to.addBinary(decimal((BigDecimal) value, column.scale()));
            case COUNT -> to.addLong((Long) value);
            case TIME -> to.addLong(ChronoUnit.MICROS.between(Instant.EPOCH, (Instant) value));
        }
    }

    /** Two's complement, the highest byte first. An amount with more decimals than the column has stops the file. */
    private static Binary decimal(BigDecimal amount, int scale) {
        byte[] number =
                amount.setScale(scale, RoundingMode.UNNECESSARY).unscaledValue().toByteArray();
        byte[] bytes = new byte[DECIMAL_BYTES];
        java.util.Arrays.fill(bytes, (byte) (amount.signum() < 0 ? -1 : 0));
        System.arraycopy(number, 0, bytes, DECIMAL_BYTES - number.length, number.length);
        return Binary.fromConstantByteArray(bytes);
    }
}
