//! Sends a product as a picture with its text below: by the name under which Telegram knows it, by its address, or uploaded.

use reqwest::multipart;

use super::api::{CallError, Sent};
use super::courier::{Address, Courier, Undelivered};
use super::pictures::Picture;
use super::render::Part;

impl Courier {
    /// Sends a picture; its number in the chat.
    pub(super) async fn send_picture(
        &self,
        to: &Address,
        part: &Part,
        picture: &Picture,
        token: &str,
        is_first: bool,
    ) -> Result<i64, Undelivered> {
        let markup = (!part.keyboard.is_empty()).then(|| part.keyboard.draw(token));
        let markup = markup.and_then(|markup| serde_json::to_string(&markup).ok());
        let key = picture.key();
        let name = key.clone();
        let known = self.state.run(move |state| state.file_id(&name)).await?;
        let form = |photo: Result<String, multipart::Part>| {
            let mut form = multipart::Form::new()
                .text("chat_id", to.chat.to_string())
                .text("caption", part.html.clone())
                .text("parse_mode", "HTML");
            if let Some(markup) = &markup {
                form = form.text("reply_markup", markup.clone());
            }
            if let Some(thread) = to.thread {
                form = form.text("message_thread_id", thread.to_string());
            }
            if let Some(number) = to.answers.filter(|_| is_first) {
                let answers = serde_json::json!({ "message_id": number, "allow_sending_without_reply": true });
                form = form.text("reply_parameters", answers.to_string());
            }
            match photo {
                Ok(text) => form.text("photo", text),
                Err(file) => form.part("photo", file),
            }
        };
        if let Some(id) = known {
            let sent = self
                .persist(to.chat, || self.air.fly(self.api.upload::<Sent>("sendPhoto", form(Ok(id.clone())))))
                .await;
            let Err(Undelivered::Refused(_)) = sent else { return sent.map(|sent| sent.message_id) };
            let name = key.clone();
            self.state.run(move |state| state.keep_file_id(&name, None)).await?;
        }
        let sent: Sent = match picture {
            Picture::Address(address) => {
                self.persist(to.chat, || self.air.fly(self.api.upload("sendPhoto", form(Ok(address.clone()))))).await?
            }
            Picture::File(path) => {
                let unreadable = |cause: std::io::Error| {
                    Undelivered::Refused(CallError::Refused {
                        method: "sendPhoto",
                        code: 0,
                        description: cause.to_string(),
                    })
                };
                let bytes = tokio::fs::read(path).await.map_err(unreadable)?;
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let file = || multipart::Part::bytes(bytes.clone()).file_name(name.clone());
                self.persist(to.chat, || self.air.fly(self.api.upload("sendPhoto", form(Err(file()))))).await?
            }
        };
        if let Some(size) = sent.photo.last() {
            let id = size.file_id.clone();
            self.state.run(move |state| state.keep_file_id(&key, Some(&id))).await?;
        }
        Ok(sent.message_id)
    }
}
