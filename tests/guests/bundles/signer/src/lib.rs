//! signer: does with a token what it is told.

wit_bindgen::generate!({
    path: ["../../../../bundles/pkcs11/wit", "signer.wit"],
    world: "demo:bundles/signer-app",
    generate_all,
});
use exports::demo::bundles::signer::*;
use std::cell::RefCell;
use tenon::pkcs11::token::{self, ErrorKind, KeyKind, KeyPairKind, Object, ObjectClass, Session};

/// The object identifier of P-256, DER.
const P256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

#[derive(Default)]
struct Kept {
    private: Option<Object>,
    public: Option<Object>,
    secret: Option<Object>,
    session: Option<Session>,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

fn missing(what: &str) -> Error {
    Error { kind: ErrorKind::Other, code: 0, message: format!("the guest has no {what}") }
}

fn with_session<T>(
    run: impl FnOnce(&Session, &mut Keys) -> Result<T, Error>,
) -> Result<T, Error> {
    KEPT.with_borrow_mut(|kept| {
        let session = kept.session.take().ok_or_else(|| missing("session"))?;
        let mut keys = Keys {
            private: kept.private.take(),
            public: kept.public.take(),
            secret: kept.secret.take(),
        };
        let result = run(&session, &mut keys);
        let Keys { private, public, secret } = keys;
        *kept = Kept { private, public, secret, session: Some(session) };
        result
    })
}

struct Keys {
    private: Option<Object>,
    public: Option<Object>,
    secret: Option<Object>,
}

impl Keys {
    fn slot(&mut self, which: Which) -> &mut Option<Object> {
        match which {
            Which::PrivateKey => &mut self.private,
            Which::PublicKey => &mut self.public,
            Which::SecretKey => &mut self.secret,
        }
    }
    fn private(&self) -> Result<&Object, Error> {
        self.private.as_ref().ok_or_else(|| missing("private key"))
    }
    fn public(&self) -> Result<&Object, Error> {
        self.public.as_ref().ok_or_else(|| missing("public key"))
    }
    fn secret(&self) -> Result<&Object, Error> {
        self.secret.as_ref().ok_or_else(|| missing("secret key"))
    }
    /// What signs with a mechanism.
    fn signing(&self, mechanism: &Mechanism) -> Result<&Object, Error> {
        if matches!(mechanism, Mechanism::Hmac(_)) { self.secret() } else { self.private() }
    }
    fn verifying(&self, mechanism: &Mechanism) -> Result<&Object, Error> {
        if matches!(mechanism, Mechanism::Hmac(_)) { self.secret() } else { self.public() }
    }
    fn encrypting(&self, mechanism: &Mechanism) -> Result<&Object, Error> {
        if is_rsa(mechanism) { self.public() } else { self.secret() }
    }
    fn decrypting(&self, mechanism: &Mechanism) -> Result<&Object, Error> {
        if is_rsa(mechanism) { self.private() } else { self.secret() }
    }
}

fn is_rsa(mechanism: &Mechanism) -> bool {
    matches!(mechanism, Mechanism::RsaPkcs | Mechanism::RsaOaep(_))
}

struct Signer;

impl Guest for Signer {
    fn slots() -> Result<Vec<Slot>, Error> {
        token::slots()
    }
    fn count_mechanisms(slot: u64) -> Result<u32, Error> {
        Ok(token::mechanisms(slot)?.len() as u32)
    }

    fn open(slot: Option<u64>, access: Access) -> Result<(), Error> {
        KEPT.set(Kept::default());
        let session = Some(Session::open(slot, access)?);
        KEPT.set(Kept { session, ..Kept::default() });
        Ok(())
    }
    fn close() {
        KEPT.set(Kept::default());
    }
    fn login() -> Result<(), Error> {
        with_session(|session, _| session.login_configured())
    }
    fn login_with(pin: String) -> Result<(), Error> {
        with_session(|session, _| session.login(&pin))
    }
    fn logout() -> Result<(), Error> {
        with_session(|session, _| session.logout())
    }

    fn make_ec_pair(label: String, on_token: bool) -> Result<Vec<u8>, Error> {
        with_session(|session, keys| {
            let shared = [Attribute::Label(label), Attribute::Token(on_token)];
            let public = [&shared[..], &[Attribute::Verify(true)]].concat();
            let private =
                [&shared[..], &[Attribute::Sign(true), Attribute::Sensitive(true)]].concat();
            let kind = KeyPairKind::Ec(P256.to_vec());
            let (public, private) = session.generate_key_pair(&kind, &public, &private)?;
            let found = public.attributes(&[AttributeName::EcPoint])?;
            keys.public = Some(public);
            keys.private = Some(private);
            match found.into_iter().next() {
                Some(Attribute::EcPoint(point)) => Ok(point),
                _ => Err(missing("point")),
            }
        })
    }
    fn make_rsa_pair(bits: u32) -> Result<(Vec<u8>, Vec<u8>), Error> {
        with_session(|session, keys| {
            let public = [
                Attribute::Verify(true),
                Attribute::Encrypt(true),
                Attribute::PublicExponent(vec![1, 0, 1]),
            ];
            let private = [Attribute::Sign(true), Attribute::Decrypt(true)];
            let (public, private) =
                session.generate_key_pair(&KeyPairKind::Rsa(bits), &public, &private)?;
            let found =
                public.attributes(&[AttributeName::Modulus, AttributeName::PublicExponent])?;
            keys.public = Some(public);
            keys.private = Some(private);
            match &found[..] {
                [Attribute::Modulus(modulus), Attribute::PublicExponent(exponent)] => {
                    Ok((modulus.clone(), exponent.clone()))
                }
                _ => Err(missing("modulus")),
            }
        })
    }
    fn make_aes_key(size_bytes: u32, extractable: bool) -> Result<(), Error> {
        with_session(|session, keys| {
            let attributes = [
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
                Attribute::Wrap(true),
                Attribute::Unwrap(true),
                Attribute::Sensitive(!extractable),
                Attribute::Extractable(extractable),
            ];
            keys.secret = Some(session.generate_key(KeyKind::Aes, size_bytes, &attributes)?);
            Ok(())
        })
    }
    fn create_aes_key(value: Vec<u8>) -> Result<(), Error> {
        with_session(|session, keys| {
            let attributes = [
                Attribute::Class(ObjectClass::SecretKey),
                Attribute::KeyType(token::KeyType::Aes),
                Attribute::Token(false),
                Attribute::Value(value),
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
            ];
            keys.secret = Some(session.create(&attributes)?);
            Ok(())
        })
    }

    fn find(label: String) -> Result<u32, Error> {
        with_session(|session, keys| {
            let found = session.find(&[Attribute::Label(label)])?;
            let count = found.len() as u32;
            for object in found {
                match object.attributes(&[AttributeName::Class])?[..] {
                    [Attribute::Class(ObjectClass::PrivateKey)] => keys.private = Some(object),
                    [Attribute::Class(ObjectClass::PublicKey)] => keys.public = Some(object),
                    _ => {}
                }
            }
            Ok(count)
        })
    }
    fn attributes(which: Which, names: Vec<AttributeName>) -> Result<Vec<Attribute>, Error> {
        with_session(|_, keys| {
            keys.slot(which).as_ref().ok_or_else(|| missing("key"))?.attributes(&names)
        })
    }
    fn destroy(which: Which) -> Result<(), Error> {
        with_session(|_, keys| keys.slot(which).as_ref().ok_or_else(|| missing("key"))?.destroy())
    }
    fn forget(which: Which) {
        let _ = with_session(|_, keys| {
            keys.slot(which).take();
            Ok(())
        });
    }

    fn sign(mechanism: Mechanism, data: Vec<u8>) -> Result<Vec<u8>, Error> {
        with_session(|session, keys| session.sign(keys.signing(&mechanism)?, &mechanism, &data))
    }
    fn verify(mechanism: Mechanism, data: Vec<u8>, signature: Vec<u8>) -> Result<bool, Error> {
        with_session(|session, keys| {
            session.verify(keys.verifying(&mechanism)?, &mechanism, &data, &signature)
        })
    }
    fn sign_parts(mechanism: Mechanism, parts: Vec<Vec<u8>>) -> Result<Vec<u8>, Error> {
        with_session(|session, keys| {
            let signer = session.start_sign(keys.signing(&mechanism)?, &mechanism)?;
            for part in &parts {
                signer.update(part)?;
            }
            signer.finish()
        })
    }
    fn verify_parts(
        mechanism: Mechanism,
        parts: Vec<Vec<u8>>,
        signature: Vec<u8>,
    ) -> Result<bool, Error> {
        with_session(|session, keys| {
            let verifier = session.start_verify(keys.verifying(&mechanism)?, &mechanism)?;
            for part in &parts {
                verifier.update(part)?;
            }
            verifier.finish(&signature)
        })
    }
    fn encrypt(mechanism: Mechanism, data: Vec<u8>) -> Result<Vec<u8>, Error> {
        with_session(|session, keys| session.encrypt(keys.encrypting(&mechanism)?, &mechanism, &data))
    }
    fn decrypt(mechanism: Mechanism, data: Vec<u8>) -> Result<Vec<u8>, Error> {
        with_session(|session, keys| session.decrypt(keys.decrypting(&mechanism)?, &mechanism, &data))
    }
    fn wrap_and_unwrap(mechanism: Mechanism) -> Result<u32, Error> {
        with_session(|session, keys| {
            let wrapped = session.wrap(keys.secret()?, &mechanism, keys.secret()?)?;
            let attributes = [
                Attribute::Class(ObjectClass::SecretKey),
                Attribute::KeyType(token::KeyType::Aes),
                Attribute::Token(false),
                Attribute::Encrypt(true),
                Attribute::Decrypt(true),
            ];
            let unwrapped = session.unwrap(keys.secret()?, &mechanism, &wrapped, &attributes)?;
            keys.secret = Some(unwrapped);
            Ok(wrapped.len() as u32)
        })
    }
    fn digest(hash: Hash, parts: Vec<Vec<u8>>) -> Result<Vec<u8>, Error> {
        with_session(|session, _| {
            if let [only] = &parts[..] {
                return session.digest(hash, only);
            }
            let digester = session.start_digest(hash)?;
            for part in &parts {
                digester.update(part)?;
            }
            digester.finish()
        })
    }
    fn random(bytes: u32) -> Result<Vec<u8>, Error> {
        with_session(|session, _| session.random(bytes))
    }

    fn interleave(mechanism: Mechanism) -> Result<Vec<u8>, Error> {
        with_session(|session, keys| {
            let signer = session.start_sign(keys.signing(&mechanism)?, &mechanism)?;
            signer.update(b"first")?;
            let digester = session.start_digest(Hash::Sha256)?;
            digester.update(b"second")?;
            let signed = signer.finish();
            digester.finish()?;
            signed
        })
    }
    fn outlive_session(mechanism: Mechanism) -> Result<Vec<u8>, Error> {
        let signer = with_session(|session, keys| {
            session.start_sign(keys.signing(&mechanism)?, &mechanism)
        })?;
        KEPT.set(Kept::default());
        signer.update(b"after")?;
        signer.finish()
    }
}

export!(Signer);
