//! Why the other end of a TLS connection was not trusted, in words with a remedy (reliability.md T6). There is no way to
//! go on in spite of it.

use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};

type Words = (&'static str, &'static str);

const UNKNOWN: Words = (
    "its certificate was made by itself or by an authority that this computer does not know",
    "For your company's own authority name its certificate file in the account (--ca-file, or ca_file in the \
     configuration file); otherwise ask who runs the server, for somebody may stand in between",
);
const EXPIRED: Words = (
    "its certificate has expired",
    "Have the certificate renewed on the server, and check the date of this computer",
);
const EARLY: Words = ("its certificate is not valid yet", "Check the date of this computer");
const OTHER_NAME: Words = (
    "its certificate was made for another name",
    "Use the address that the certificate names; somebody may also stand in between",
);
const REVOKED: Words =
    ("its certificate was withdrawn by its authority", "Have the server given a new certificate");
const ODD: Words =
    ("its certificate is not in order", "Have the certificate of the server checked by whoever runs it");
const OLD_TLS: Words = (
    "it offers no TLS 1.2 or newer",
    "Have TLS 1.2 or 1.3 switched on at the server, or at the proxy in front of it",
);
const NO_TLS: Words = (
    "what answers there does not speak TLS",
    "Check the address and its port; Lockstep never goes back to an unencrypted connection",
);

/// The words for what rustls found; `None` where it is no question of trust.
pub(super) fn words(problem: &Error) -> Option<Words> {
    Some(match problem {
        Error::InvalidCertificate(certificate) => of_certificate(certificate),
        Error::NoCertificatesPresented => ODD,
        Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13)
        | Error::AlertReceived(AlertDescription::ProtocolVersion) => OLD_TLS,
        Error::PeerIncompatible(_)
        | Error::AlertReceived(AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity) => {
            OLD_TLS
        }
        Error::InvalidMessage(_) => NO_TLS,
        _ => return None,
    })
}

fn of_certificate(problem: &CertificateError) -> Words {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => EXPIRED,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => EARLY,
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => OTHER_NAME,
        CertificateError::Revoked => REVOKED,
        CertificateError::UnknownIssuer | CertificateError::BadSignature => UNKNOWN,
        _ => ODD,
    }
}
