//! `/healthz`: the process lives. `/readyz`: shoppers can be answered. `/metrics`: for Prometheus.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio_util::sync::CancellationToken;

use super::metrics::{Metrics, ShopView, in_text_format};

/// Why health and metrics cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address} for health and metrics (ops.listen): {cause}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        cause: std::io::Error,
    },
}

/// Whether shoppers can be answered, and how to look at the shop once they can.
#[derive(Default)]
pub struct Ready {
    view: OnceLock<Box<dyn Fn() -> ShopView + Send + Sync>>,
    is_closing: AtomicBool,
}

impl Ready {
    /// The shop is assembled; `view` is called when metrics are asked for and must not block.
    pub fn opened(&self, view: impl Fn() -> ShopView + Send + Sync + 'static) {
        if self.view.set(Box::new(view)).is_err() {
            tracing::warn!("the shop was opened twice");
        }
    }

    /// The shop is closing.
    pub fn closing(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }
}

struct Desk {
    metrics: Arc<Metrics>,
    ready: Arc<Ready>,
}

/// Serves until `stop` is cancelled; returns the task and the address, whose port may have been left to the system.
///
/// # Errors
/// The address cannot be listened on.
pub async fn serve(
    address: SocketAddr,
    metrics: Arc<Metrics>,
    ready: Arc<Ready>,
    stop: CancellationToken,
) -> Result<(tokio::task::JoinHandle<()>, SocketAddr), OpsError> {
    let listen = |cause| OpsError::Listen { address, cause };
    let listener = tokio::net::TcpListener::bind(address).await.map_err(listen)?;
    let bound = listener.local_addr().map_err(listen)?;
    let routes = Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics_text))
        .with_state(Arc::new(Desk { metrics, ready }));
    let server = axum::serve(listener, routes).with_graceful_shutdown(stop.cancelled_owned());
    let task = tokio::spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "health and metrics ended");
        }
    });
    Ok((task, bound))
}

async fn readiness(State(desk): State<Arc<Desk>>) -> (StatusCode, &'static str) {
    if desk.ready.is_closing.load(Ordering::Relaxed) {
        return (StatusCode::SERVICE_UNAVAILABLE, "closing\n");
    }
    match desk.ready.view.get() {
        Some(_) => (StatusCode::OK, "ready\n"),
        None => (StatusCode::SERVICE_UNAVAILABLE, "loading the catalog and the model\n"),
    }
}

async fn metrics_text(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Response {
    const NEWER: &str = "application/openmetrics-text";
    let view = desk.ready.view.get().map(|view| view()).unwrap_or_default();
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    match desk.metrics.text(view) {
        Ok(text) if accepted.contains(NEWER) => {
            ([(header::CONTENT_TYPE, format!("{NEWER}; version=1.0.0; charset=utf-8"))], text).into_response()
        }
        Ok(text) => ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], in_text_format(&text))
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_shop_is_alive_before_it_is_ready() {
        let (metrics, ready, stop) = (Arc::new(Metrics::new()), Arc::new(Ready::default()), CancellationToken::new());
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (task, address) = serve(any, metrics, Arc::clone(&ready), stop.clone()).await.expect("server");
        let status = |path: &'static str| async move {
            reqwest::get(format!("http://{address}{path}")).await.expect("answer").status().as_u16()
        };
        assert_eq!((status("/healthz").await, status("/readyz").await), (200, 503));
        ready.opened(ShopView::default);
        assert_eq!((status("/readyz").await, status("/metrics").await), (200, 200));
        ready.closing();
        assert_eq!(status("/readyz").await, 503);
        stop.cancel();
        task.await.expect("ends");
    }
}
