package io.hourledger.files.table;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.OutputFile;
import org.apache.parquet.io.PositionOutputStream;
import org.jspecify.annotations.Nullable;

/** Parquet, compressed by Zstandard. Sums and notes stand in the file's key-value metadata, the sums as JSON. */
final class ParquetTable implements TableFile {

    private static final long ROW_GROUP_BYTES = 16L << 20;

    private final ParquetWriter<List<? extends @Nullable Object>> writer;

    ParquetTable(TableHead head, OutputStream out) throws IOException {
        this.writer = new Builder(new Sink(out), new ParquetRows(head))
                .withConf(new PlainParquetConfiguration())
                .withCodecFactory(new ZstandardAlone())
                .withCompressionCodec(CompressionCodecName.ZSTD)
                .withRowGroupSize(ROW_GROUP_BYTES)
                .build();
    }

    @Override
    public void add(List<? extends @Nullable Object> values) throws IOException {
        writer.write(values);
    }

    /** The metadata is at the end of the file, and only closing writes it. */
    @Override
    public void finish() throws IOException {
        writer.close();
    }

    @Override
    public void close() {
        // an unfinished file has nothing to let go of but memory
    }

    private static final class Builder extends ParquetWriter.Builder<List<? extends @Nullable Object>, Builder> {
        private final ParquetRows rows;

        Builder(OutputFile file, ParquetRows rows) {
            super(file);
            this.rows = rows;
        }

        @Override
        protected Builder self() {
            return this;
        }

        @Override
        @SuppressWarnings("deprecation") // the library still declares it as abstract
        protected WriteSupport<List<? extends @Nullable Object>> getWriteSupport(Configuration configuration) {
            return rows;
        }

        @Override
        protected WriteSupport<List<? extends @Nullable Object>> getWriteSupport(ParquetConfiguration configuration) {
            return rows;
        }
    }

    /** The library's own factory needs Hadoop's configuration, with all that it needs. */
    private static final class ZstandardAlone implements CompressionCodecFactory {

        @Override
        public BytesInputCompressor getCompressor(CompressionCodecName name) {
            return new BytesInputCompressor() {
                @Override
                public BytesInput compress(BytesInput bytes) throws IOException {
                    ByteArrayOutputStream plain = new ByteArrayOutputStream(Math.toIntExact(bytes.size()));
                    bytes.writeAllTo(plain);
                    return BytesInput.from(Zstd.compress(plain.toByteArray()));
                }

                @Override
                public CompressionCodecName getCodecName() {
                    return CompressionCodecName.ZSTD;
                }

                @Override
                public void release() {
                    // it has nothing of its own
                }
            };
        }

        @Override
        public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
            throw new UnsupportedOperationException("files are only written");
        }

        @Override
        public void release() {
            // it has nothing of its own
        }
    }

    private record Sink(OutputStream out) implements OutputFile {

        @Override
        public PositionOutputStream create(long blockSizeHint) {
            return new PositionOutputStream() {
                private long position;

                @Override
                public long getPos() {
                    return position;
                }

                @Override
                public void write(int one) throws IOException {
                    out.write(one);
                    position++;
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    out.write(bytes, offset, length);
                    position += length;
                }

                @Override
                public void close() throws IOException {
                    out.flush();
                }
            };
        }

        @Override
        public PositionOutputStream createOrOverwrite(long blockSizeHint) {
            return create(blockSizeHint);
        }

        @Override
        public boolean supportsBlockSize() {
            return false;
        }

        @Override
        public long defaultBlockSize() {
            return 0;
        }
    }
}
