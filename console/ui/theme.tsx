import { App as AntApp, theme as antTheme, ConfigProvider } from 'antd'
import enUS from 'antd/locale/en_US'
import zhCN from 'antd/locale/zh_CN'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { useTheme } from '../lib/theme.ts'
import 'dayjs/locale/zh-cn'
import dayjs from 'dayjs'

const font = '"PingFang SC", "Microsoft YaHei", "Noto Sans SC Variable", system-ui, "Segoe UI", sans-serif'

/** antd in our colours and the person's language; the tokens are those of tokens.css. */
export function Themed({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation()
  const theme = useTheme()
  const zh = i18n.language === 'zh-CN'
  dayjs.locale(zh ? 'zh-cn' : 'en')
  const dark = theme === 'dark'
  return (
    <ConfigProvider
      locale={zh ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
      theme={{
        // Not the compact algorithm: it takes the text of tables down to 10 px. Dense by padding, not by small print.
        algorithm: dark ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm,
        token: {
          colorPrimary: dark ? '#74aefc' : '#0b57c4',
          colorTextLightSolid: dark ? '#07182c' : '#ffffff',
          colorBgContainer: dark ? '#161d25' : '#ffffff',
          colorBgElevated: dark ? '#1c252f' : '#ffffff',
          colorTextPlaceholder: dark ? '#97a5b3' : '#5f6c7b',
          colorTextDescription: dark ? '#b3bfcb' : '#4b5866',
          colorError: dark ? '#ff8f8c' : '#b3161b',
          borderRadius: 6,
          fontSize: 13,
          fontSizeSM: 12,
          controlHeight: 30,
          controlHeightSM: 26,
          fontFamily: font,
        },
        components: {
          Table: { cellPaddingBlockSM: 6, cellPaddingInlineSM: 10, cellFontSizeSM: 13 },
          Form: { itemMarginBottom: 12, verticalLabelPadding: '0 0 3px' },
        },
      }}
    >
      <AntApp style={{ height: '100%', fontSize: 'inherit', lineHeight: 'inherit', color: 'inherit' }}>
        {children}
      </AntApp>
    </ConfigProvider>
  )
}
