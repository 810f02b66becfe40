//! Reads traditional Chinese characters as simplified ones, so that a shopper from Hong Kong or Taiwan is understood.
//!
//! The characters that questions to shops use; others stay as they are, and so does every quotation. Called by `pieces`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Traditional and simplified, in pairs.
const PAIRS: &str = "\
來来個个們们這这說说時时會会對对沒没開开關关還还過过後后問问題题買买賣卖錢钱貨货運运費费單单訂订換换達达遞递郵邮貼贴價价優优劃划積积點点數数員员級级禮礼贈赠購购車车網网頁页帳账號号碼码戶户額额餘余發发稅税務务聯联係系絡络電电話话線线機机觸触\
壞坏損损傷伤維维護护裝装門门師师檢检測测試试褲裤襪袜寬宽長长緊紧鬆松顏颜紅红綠绿藍蓝黃黄圖图樣样實实際际質质標标籤签髒脏舊旧規规則则條条無无內内間间幾几週周鐘钟現现補补斷断庫库預预約约區区縣县鄉乡鎮镇農农國国灣湾臺台陸陆東东歐欧亞亚韓韩馬马\
萬万億亿兩两雙双隻只張张塊块紙纸膠胶書书筆笔腦脑螢荧鍵键盤盘燈灯爐炉鍋锅櫃柜傢家俱具墊垫頭头廚厨衛卫潔洁淨净應应該该須须願愿請请謝谢煩烦嗎吗麼么誰谁裡里裏里邊边處处從从讓让給给與与為为嗰那喺在唔不冇没咗了嚟来俾给佢他嘅的錯错誤误丟丢遺遗爛烂\
濕湿異异黴霉鮮鲜養养膚肤髮发啟启動动領领簽签絕绝攔拦轉转變变銷销註注冊册錄录賬账資资隱隐訊讯刪删記记儲储傳传廣广騙骗詐诈驗验證证掃扫匯汇銀银幣币貸贷專专報报審审權权滿满減减疊叠兌兑賀贺緞缎帶带絲丝親亲媽妈爺爷孫孙兒儿歲岁嬰婴體体館馆樓楼層层\
營营業业閉闭場场廁厕產产廠厂製制經经偽伪腳脚圍围濾滤塵尘團团採采詢询認认識识聽听寫写讀读講讲論论評评語语譯译簡简幫帮辦办嘗尝盡尽緩缓遲迟訪访覆复複复雜杂難难歡欢愛爱討讨厭厌總总統统計计檔档視视頻频響响壓压縮缩擠挤脫脱鏽锈氣气溫温熱热涼凉風风\
節节鋪铺據据戰战勝胜負负責责讚赞課课調调諮咨謊谎豐丰貴贵賠赔償偿賺赚贏赢趕赶跡迹軟软較较載载輕轻輛辆輸输轄辖適适遠远選选遊游邏逻鄰邻醫医釋释鑰钥鎖锁鏡镜鐵铁鑒鉴隊队階阶隨随險险雖虽離离雲云靜静頂顶項项順顺顆颗類类顧顾顯显飛飞飯饭飲饮騎骑驚惊\
魚鱼鳥鸟麥麦黨党齊齐龍龙";

static SIMPLIFIED: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    let characters: Vec<char> = PAIRS.chars().collect();
    characters.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
});

/// The simplified character of a traditional one; any other as it is.
pub(super) fn simplified(character: char) -> char {
    if character.is_ascii() { character } else { SIMPLIFIED.get(&character).copied().unwrap_or(character) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_questions_read_as_simplified_ones() {
        let read = |text: &str| text.chars().map(simplified).collect::<String>();
        assert_eq!(read("我想退貨，運費誰出？"), "我想退货，运费谁出？");
        assert_eq!(read("發票抬頭寫錯了可以換嗎"), "发票抬头写错了可以换吗");
        assert_eq!(read("How long"), "How long");
    }

    #[test]
    fn the_table_is_of_pairs_and_keeps_what_is_simplified() {
        assert_eq!(PAIRS.chars().count() % 2, 0);
        assert!(SIMPLIFIED.values().all(|simple| SIMPLIFIED.get(simple).is_none_or(|again| again == simple)));
    }
}
