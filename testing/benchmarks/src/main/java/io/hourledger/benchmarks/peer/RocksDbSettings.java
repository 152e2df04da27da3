package io.hourledger.benchmarks.peer;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;

/** RocksDB for many small keys that are mostly new: one large cache for all stores, a filter that says "new" without a read. */
public final class RocksDbSettings implements RocksDBConfigSetter {

    private static final long CACHE_BYTES = 1024L * 1024 * 1024;
    private static final long WRITE_BUFFER_BYTES = 64L * 1024 * 1024;
    private static final int FILTER_BITS = 12;

    private static final class Shared {
        private static final Cache CACHE = new LRUCache(CACHE_BYTES);
    }

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        if (options.tableFormatConfig() instanceof BlockBasedTableConfig table) {
            table.setBlockCache(Shared.CACHE);
            table.setFilterPolicy(new BloomFilter(FILTER_BITS, false));
            table.setCacheIndexAndFilterBlocks(false);
            options.setTableFormatConfig(table);
        }
        options.setWriteBufferSize(WRITE_BUFFER_BYTES);
        options.setMaxWriteBufferNumber(4);
        options.setMaxBackgroundJobs(2);
    }

    @Override
    public void close(String storeName, Options options) {
        // the cache is shared by all stores and lives as long as this JVM
    }
}
