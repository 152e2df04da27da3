package io.hourledger.pusher.koogallery;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.pusher.koogallery.AccessKey.Parameter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class AccessKeyTest {

    /** The worked example of Huawei's signing guide, with the keys it shows. */
    @Test
    void the_example_of_the_signing_guide_gives_its_signature() {
        AccessKey key = new AccessKey("QTWAOYTTINDUT2QVKYUC", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc");
        String authorization = key.authorization(
                "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs",
                List.of(new Parameter("marker", "13551d6b-755d-4757-b956-536f674975c0"), new Parameter("limit", "2")),
                new TreeMap<>(Map.of(
                        "content-type", "application/json",
                        "host", "service.region.example.com",
                        "x-sdk-date", "20191115T033655Z")),
                "20191115T033655Z");
        assertThat(authorization)
                .isEqualTo("SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders=content-type;host;x-sdk-date, "
                        + "Signature=7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe");
    }

    @Test
    void all_but_the_unreserved_characters_of_a_query_are_encoded_and_names_are_sorted() {
        assertThat(AccessKey.canonicalQuery(List.of(new Parameter("b", "ü /~"), new Parameter("a", "1+2"))))
                .isEqualTo("a=1%2B2&b=%C3%BC%20%2F~");
    }

    @Test
    void the_secret_is_not_printed() {
        assertThat(new AccessKey("AK", "the-secret").toString()).doesNotContain("the-secret");
        assertThat(new SellerKey("the-secret").toString()).doesNotContain("the-secret");
    }
}
