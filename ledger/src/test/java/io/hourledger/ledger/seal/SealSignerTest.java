package io.hourledger.ledger.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class SealSignerTest {

    /** RFC 8032, section 7.1, test 1: the empty message. */
    @Test
    void it_signs_as_rfc_8032_does() {
        SealSigner signer = new SealSigner("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        assertThat(signer.publicKey()).isEqualTo("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assertThat(signer.sign(""))
                .isEqualTo("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    }

    @Test
    void another_text_is_not_what_was_signed() {
        SealSigner signer = new SealSigner("00".repeat(32));
        assertThat(signer.key().hasSigned("a", signer.sign("a"))).isTrue();
        assertThat(signer.key().hasSigned("b", signer.sign("a"))).isFalse();
        assertThat(signer.key().hasSigned("a", "no signature")).isFalse();
        assertThat(signer.key().hasSigned("a", "00")).isFalse();
    }

    @Test
    void a_key_of_another_length_is_refused_with_a_sentence() {
        assertThatThrownBy(() -> new SealSigner("00")).hasMessageContaining("openssl rand -hex 32");
    }
}
